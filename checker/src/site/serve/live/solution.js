// The comparison with the reference solution.
import { post } from "./api.js";
import { act } from "./notice.js";

const { element, announce } = window.course;

const file = ({ path, diff }, at) => {
  const changed = diff.filter(({ kind }) => kind !== "same").length;
  const lines = diff.map(({ kind, text }) => {
    const mark = { removed: "-", added: "+" }[kind] ?? " ";
    const line = `${mark}${text.endsWith("\n") ? text : `${text}\n`}`;
    return kind === "same" ? line : element(kind === "removed" ? "del" : "ins", {}, line);
  });
  return element(
    "details", { open: at === 0, "data-file": path },
    element("summary", {}, element("code", {}, path), changed === 0 ? ", the same" : `, ${changed} lines differ`),
    element("pre", { class: "diff", tabindex: "0" }, ...lines),
  );
};

export class Solution {
  constructor(exercise) {
    this.exercise = exercise;
    this.button = element("button", { type: "button", class: "button", "data-action": "solution" });
    this.note = element("p", {});
    this.files = element("div", { class: "solution-files" });
    this.section = element(
      "section", { class: "solution-card", "data-live": "solution" }, this.note, this.button, this.files,
    );
    this.button.addEventListener("click", () => this.show());
    const heading = document.getElementById("after-you-pass");
    if (heading) heading.after(this.section);
    else document.querySelector("main").append(this.section);
  }

  /** Whether every phase is passed decides how the solution is offered. */
  stand(isDone) {
    this.isDone = isDone;
    this.note.textContent = isDone
      ? "You passed every phase. From your code (−) to the reference (+):"
      : "The reference solution is shown here once you pass every phase.";
    this.button.textContent = isDone ? "Compare with the reference" : "Show it anyway";
    this.button.classList.toggle("primary", isDone);
  }

  async show() {
    const request = { exercise: this.exercise, anyway: !this.isDone };
    const answer = await act(this.button, () => post("solution", request));
    if (!answer) return;
    this.files.replaceChildren(...answer.files.map(file));
    announce("The reference solution is shown.");
  }
}
