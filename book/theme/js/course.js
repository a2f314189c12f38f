// What the other scripts share: the live region, kept settings, dialogs and keys. It comes first.
"use strict";
const course = (() => {
  const region = document.createElement("div");
  region.className = "visually-hidden";
  region.setAttribute("role", "status");
  region.setAttribute("aria-live", "polite");
  region.dataset.live = "announcements";
  document.body.append(region);

  /** Says a sentence to those who listen to the page instead of seeing it. */
  const announce = (text) => {
    // A reader hears only changes, so that the same words twice need a different text.
    region.textContent = region.textContent === text ? `${text}\u00a0` : text;
  };

  /** Keeps a setting in this browser, or forgets it. */
  const keep = (name, value) => {
    try {
      if (value === null) localStorage.removeItem(name);
      else localStorage.setItem(name, value);
    } catch {
      // Storage may be forbidden or full; the setting then ends with the page.
    }
  };

  /** An element with attributes and children; text becomes text, never markup. */
  const element = (name, attributes = {}, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (value === false || value === null || value === undefined) continue;
      if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
      else made.setAttribute(key, value === true ? "" : value);
    }
    made.append(...children.filter((child) => child !== null && child !== undefined));
    return made;
  };

  const keys = [];

  /** Registers a key: `key` as in KeyboardEvent.key, what it does in words, and the action. */
  const onKey = (key, words, action) => keys.push({ key, words, action });

  const isTyping = (target) =>
    target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
    const found = keys.find(({ key }) => key === event.key);
    if (found && found.action(event) !== false) event.preventDefault();
  });

  const names = { ArrowLeft: "←", ArrowRight: "→" };

  const help = () => {
    const rows = new Map();
    for (const { key, words } of keys) {
      if (!rows.has(words)) rows.set(words, []);
      rows.get(words).push(element("kbd", {}, names[key] ?? key));
    }
    const list = element("dl", { class: "keys" });
    for (const [words, caps] of rows) {
      list.append(element("div", {}, element("dt", {}, ...caps), element("dd", {}, words)));
    }
    list.append(
      element("div", {}, element("dt", {}, element("kbd", {}, "Esc")), element("dd", {}, "close what is open")),
    );
    const close = element("button", { type: "button", class: "button" }, "Close");
    const dialog = element(
      "dialog", { class: "dialog", "aria-labelledby": "keys-title" },
      element("h2", { id: "keys-title" }, "Keyboard shortcuts"), list, close,
    );
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  };
  document.querySelector('[data-action="help"]')?.addEventListener("click", help);
  onKey("?", "show these shortcuts", help);

  const turn = (rel) => () => {
    const link = document.querySelector(`.chapters a[rel="${rel}"]`);
    if (!link) return false;
    link.click();
    return true;
  };
  onKey("ArrowLeft", "previous chapter", turn("prev"));
  onKey("ArrowRight", "next chapter", turn("next"));

  const moved = document.getElementById("fragment-map");
  const target = moved && JSON.parse(moved.textContent)[location.hash];
  if (target) location.replace(new URL(target, location.href));

  return { announce, keep, element, onKey };
})();
window.course = course;
