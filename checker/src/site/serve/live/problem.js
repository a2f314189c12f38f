// Why a phase could not be built.
import { count } from "./words.js";

const { element } = window.course;

/** The errors of the compiler, or the interface that the tests expect. */
export const problemCard = (problem, open) => {
  if (problem.origin === "learner") {
    return element(
      "details", { class: "failure-card", "data-problem": "learner", open },
      element("summary", {}, `Your crate does not compile: ${count(problem.errors, "error")}`),
      element("pre", { class: "message", tabindex: "0" }, problem.rendered),
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
