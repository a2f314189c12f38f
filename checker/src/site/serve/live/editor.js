// Opens files in the learner's editor.
import { post } from "./api.js";
import { act } from "./notice.js";

const { element } = window.course;

/** A button that opens a file of an exercise, at a line if there is one. */
export const opener = (exercise, file, line, label) => {
  const button = element(
    "button",
    { type: "button", class: "open-file", "data-action": "open", "data-file": file, title: "Open in your editor" },
    element("code", {}, label),
  );
  const request = line ? { exercise, file, line } : { exercise, file };
  button.addEventListener("click", () => act(button, () => post("open", request)));
  return button;
};

/** A place such as `src/cache.rs:12:5`, as a button where it lies in the learner's files. */
export const place = (exercise, location) => {
  const [, file, line] = /(?:^|[\\/])(src[\\/].+?):(\d+)(?::\d+)?$/.exec(location) ?? [];
  if (!file) return element("code", {}, location);
  const name = file.replaceAll("\\", "/");
  return opener(exercise, name, Number(line), `${name}:${line}`);
};

/** Makes the files that a card names open the editor. */
export const openFiles = (card) => {
  for (const span of card.querySelectorAll(".edit-file")) {
    const { file } = span.dataset;
    span.replaceChildren(opener(card.dataset.exercise, file, null, file));
  }
};
