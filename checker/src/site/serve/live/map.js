// The map of the course: a ring of progress around each module's number, and where to go on.
const root = document.documentElement.dataset.root;

const SVG = "http://www.w3.org/2000/svg";

/** Draws how far each module is. The rings are in the figure; their length is 100. */
export const showMap = (state) => {
  for (const { id, page, done, phases } of state.modules) {
    for (const group of document.querySelectorAll(`svg [data-module="${CSS.escape(id)}"]`)) {
      const ring = group.querySelector(".f-ring");
      const share = phases === 0 ? 0 : (done / phases) * 100;
      ring?.setAttribute("stroke-dasharray", `${share} 100`);
      group.dataset.done = String(share);
      link(group, page);
    }
  }
};

/** Lets a click on a module lead to its page. The table below the map has the same links. */
const link = (group, page) => {
  if (!page || group.parentElement.tagName === "a") return;
  const anchor = document.createElementNS(SVG, "a");
  anchor.setAttribute("href", `${root}${page}`);
  anchor.setAttribute("tabindex", "-1");
  anchor.setAttribute("aria-hidden", "true");
  group.replaceWith(anchor);
  anchor.append(group);
};

/** Says where to go on, where a page has room for it. */
export const showContinue = (state) => {
  const { element } = window.course;
  for (const place of document.querySelectorAll('[data-live="continue"]')) {
    const next = state.continue;
    place.hidden = false;
    if (!next) {
      place.replaceChildren("You passed every phase of the course.");
      continue;
    }
    const link = element(
      "a", { class: "button primary", href: `${root}${next.page}` },
      `${next.title}, phase ${next.phase}: ${next.phase_title}`,
    );
    place.replaceChildren(
      element("span", { class: "label" }, next.begun ? "Continue where you left off" : "Begin here"), link,
    );
  }
};
