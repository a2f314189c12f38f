// Shows and hides the table of contents: beside the text on a wide screen, above it on a narrow one.
"use strict";
(() => {
  const root = document.documentElement;
  const sidebar = document.getElementById("contents");
  const button = document.querySelector('button[data-action="sidebar"]');
  const shade = document.querySelector(".sidebar-shade");
  const wide = matchMedia("(min-width: 1080px)");

  const isOpen = () =>
    wide.matches ? root.dataset.sidebar !== "hidden" : root.dataset.sidebar === "open";

  const tell = () => button.setAttribute("aria-expanded", String(isOpen()));

  const set = (open) => {
    if (wide.matches) {
      if (open) delete root.dataset.sidebar;
      else root.dataset.sidebar = "hidden";
      course.keep("course-sidebar", open ? null : "hidden");
    } else {
      if (open) root.dataset.sidebar = "open";
      else delete root.dataset.sidebar;
      if (open) sidebar.focus();
      else if (sidebar.contains(document.activeElement)) button.focus();
    }
    tell();
  };

  button.addEventListener("click", () => set(!isOpen()));
  shade.addEventListener("click", () => set(false));
  sidebar.addEventListener("click", (event) => {
    if (event.target.closest("a") && !wide.matches) set(false);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !wide.matches && isOpen()) set(false);
  });
  wide.addEventListener("change", () => {
    if (root.dataset.sidebar === "open") delete root.dataset.sidebar;
    tell();
  });
  tell();

  // The page's own entry is in view, without moving the page itself.
  const current = sidebar.querySelector('[aria-current="page"]');
  if (current) {
    const offset = current.getBoundingClientRect().top - sidebar.getBoundingClientRect().top;
    if (offset > sidebar.clientHeight * 0.7) sidebar.scrollTop = offset - sidebar.clientHeight / 3;
  }

  // The section that is being read is marked among those of the page.
  const links = new Map();
  for (const link of sidebar.querySelectorAll(".on-this-page a")) {
    const heading = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (heading) links.set(heading, link);
  }
  if (links.size > 0) {
    const mark = () => {
      let reading = null;
      for (const [heading, link] of links) {
        if (heading.getBoundingClientRect().top > innerHeight / 3) break;
        reading = link;
      }
      for (const link of links.values()) {
        if (link === reading) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
      }
    };
    const observer = new IntersectionObserver(mark, { rootMargin: "0px 0px -66% 0px" });
    for (const heading of links.keys()) observer.observe(heading);
  }
})();
