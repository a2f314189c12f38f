// Keeps the page up to date: loads it again when the book was rebuilt, and says so when the book
// cannot be built.
import { version } from "./api.js";

const banner = window.course.element("pre", { class: "build-fault", role: "alert", "data-live": "fault" });

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
