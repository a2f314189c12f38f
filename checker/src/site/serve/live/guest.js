// A page of the book alone. It becomes live as soon as the server knows this browser.
import { get } from "./api.js";
import { onToken, token } from "./token.js";

onToken(() => location.reload());

// On the way from another site, a browser keeps its cookie back, although the server knows it.
if (token()) {
  get("state").then(() => {
    document.querySelector('[data-live="guest"]')?.remove();
    return import("./live.js");
  }, () => {});
}
