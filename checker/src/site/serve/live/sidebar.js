// Ticks in the table of contents: how far each exercise is.
const { element } = window.course;

const root = new URL(document.documentElement.dataset.root || "./", location.href);

/** Marks the links of the exercises' pages. */
export const showTicks = (state) => {
  const links = new Map();
  for (const link of document.querySelectorAll(".sidebar .chapter-link-wrapper > a")) {
    links.set(new URL(link.href).pathname, link);
  }
  for (const { page, phases } of state.exercises) {
    const link = links.get(new URL(page, root).pathname);
    if (!link) continue;
    const done = phases.filter(({ state: of }) => of === "passed" || of === "edited_since").length;
    link.parentElement.querySelector(".tick")?.remove();
    const isWhole = done === phases.length;
    const words = isWhole ? "passed" : `${done} of ${phases.length} phases passed`;
    link.after(element(
      "span", { class: "tick", "data-done": isWhole },
      element("span", { "aria-hidden": "true" }, isWhole ? "✓" : `${done}/${phases.length}`),
      element("span", { class: "visually-hidden" }, `(${words})`),
    ));
  }
};
