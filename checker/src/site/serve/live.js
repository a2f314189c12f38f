// Reloads the page when the book was rebuilt, and says so when it cannot be built.
"use strict";
(() => {
  const version = document.currentScript.dataset.version;
  const banner = document.createElement("pre");
  banner.setAttribute("role", "alert");
  banner.className = "build-fault";
  Object.assign(banner.style, {
    position: "fixed", insetInline: "0", bottom: "0", zIndex: "1000", margin: "0",
    maxHeight: "40vh", overflow: "auto", padding: "1em 1.5em", whiteSpace: "pre-wrap",
    font: "14px/1.5 ui-monospace, monospace", color: "#fff", background: "#8c1d18",
  });
  new EventSource("/-/events").onmessage = (message) => {
    const status = JSON.parse(message.data);
    if (status.fault) {
      banner.textContent = "The book cannot be built. This is the last good version.\n\n" + status.fault;
      document.body.append(banner);
    } else if ((status.version ?? "") !== version) {
      location.reload();
    } else {
      banner.remove();
    }
  };
})();
