// Remembers, in this browser, which pages were read to their end, and ticks them.
"use strict";
(() => {
  const NAME = "course-read";
  const root = new URL(document.documentElement.dataset.root || "./", location.href);

  const load = () => {
    try {
      return new Set(JSON.parse(localStorage.getItem(NAME) ?? "[]"));
    } catch {
      return new Set();
    }
  };

  // Pages are known by their place below the site's root, wherever the site is.
  const nameOf = (link) => new URL(link.href).pathname.slice(root.pathname.length);

  const show = (read) => {
    for (const link of document.querySelectorAll(".sidebar .chapter-link-wrapper > a")) {
      if (!read.has(nameOf(link)) || link.parentElement.querySelector(".tick")) continue;
      link.after(course.element(
        "span", { class: "tick", "data-read": true },
        course.element("span", { "aria-hidden": "true" }, "✓"),
        course.element("span", { class: "visually-hidden" }, "(read)"),
      ));
    }
  };

  show(load());
  const end = document.querySelector(".chapters");
  const own = document.querySelector('.sidebar .chapter-link-wrapper > a[aria-current="page"]');
  // An exercise is not done by reading it.
  if (!end || !own || document.querySelector(".exercise-card")) return;
  let hasScrolled = false;
  addEventListener("scroll", () => { hasScrolled = true; }, { once: true, passive: true });
  new IntersectionObserver((entries, observer) => {
    if (!entries.some((entry) => entry.isIntersecting) || !hasScrolled) return;
    observer.disconnect();
    const read = load();
    read.add(nameOf(own));
    course.keep(NAME, JSON.stringify([...read]));
    show(read);
  }).observe(end);
})();
