// Keeps the page up to date: loads it again when the book was rebuilt, and says so when the book
// cannot be built or the server does not know the page.
import { version } from "./api.js";
import { inline } from "./prose.js";

const { element } = window.course;

const banner = element("pre", { class: "build-fault", role: "alert", "data-live": "fault" });

const refusal = element("p", { class: "build-fault refused", role: "alert", "data-live": "refused" });

/** The server does not know this page, because it was started again. */
export const onRefused = (why) => {
  document.documentElement.dataset.live = "refused";
  refusal.replaceChildren(...inline(why));
  document.body.append(refusal);
};

/** The site was built, or could not be. */
export const onSite = (site) => {
  if (site.fault) {
    banner.textContent = `The book cannot be built. This is the last good version.\n\n${site.fault}`;
    document.body.append(banner);
  } else if ((site.version ?? "") !== version) {
    location.reload();
  } else {
    banner.remove();
  }
};
