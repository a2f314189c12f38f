// Why a phase could not be built.
import { opener } from "./editor.js";
import { count } from "./words.js";

const { element } = window.course;

/** What the compiler says, with each place in the learner's files as a button. */
const rendered = (text, exercise) => {
  const parts = [];
  let at = 0;
  for (const found of text.matchAll(/(?<=--> )\S*?(src[\\/][^\s:]+):(\d+):\d+/g)) {
    const [whole, file, line] = found;
    parts.push(text.slice(at, found.index));
    parts.push(opener(exercise, file.replaceAll("\\", "/"), Number(line), whole));
    at = found.index + whole.length;
  }
  return [...parts, text.slice(at)];
};

/** The errors of the compiler, or the interface that the tests expect. */
export const problemCard = (problem, exercise, open) => {
  if (problem.origin === "learner") {
    return element(
      "details", { class: "failure-card", "data-problem": "learner", open },
      element("summary", {}, `Your crate does not compile: ${count(problem.errors, "error")}`),
      element("pre", { class: "message", tabindex: "0" }, ...rendered(problem.rendered.trimEnd(), exercise)),
    );
  }
  return element(
    "details", { class: "failure-card", "data-problem": "interface", open },
    element("summary", {}, "Your crate lacks something that the tests call"),
    element("pre", { class: "message", tabindex: "0" }, problem.messages.join("\n")),
    problem.expected.length === 0 ? null : element("p", { class: "label" }, "expected"),
    problem.expected.length === 0 ? null
      : element("pre", { class: "message", tabindex: "0" }, problem.expected.join("\n\n")),
  );
};
