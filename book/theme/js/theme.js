// The switch between the system's colors, light and dark.
"use strict";
(() => {
  const root = document.documentElement;
  const button = document.querySelector('[data-action="theme"]');
  const choices = ["system", "light", "dark"];
  const words = { system: "as the system", light: "light", dark: "dark" };

  const show = (choice) => {
    if (choice === "system") delete root.dataset.theme;
    else root.dataset.theme = choice;
    const label = `Colors: ${words[choice]}`;
    button.setAttribute("aria-label", label);
    button.title = label;
  };

  show(root.dataset.theme ?? "system");
  button.addEventListener("click", () => {
    const next = choices[(choices.indexOf(root.dataset.theme ?? "system") + 1) % choices.length];
    show(next);
    course.announce(`Colors: ${words[next]}`);
    course.keep("course-theme", next === "system" ? null : next);
  });
})();
