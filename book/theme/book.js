// Runs before the first paint: what the reader chose in an earlier visit, so that nothing flashes
// or moves. Everything else is in the deferred scripts.
"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  let kept = null;
  try {
    kept = localStorage;
  } catch {
    return; // Storage may be forbidden; the page then follows the system.
  }
  const theme = kept.getItem("course-theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  if (kept.getItem("course-sidebar") === "hidden") root.dataset.sidebar = "hidden";
})();
