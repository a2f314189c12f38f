// The comparison with the reference solution.
import { post } from "./api.js";
import { act } from "./notice.js";

const { element, announce } = window.course;

/** Lines that are kept around a difference. */
const AROUND = 3;

/** The lines of a file, with long runs that are the same folded into one. */
const shown = (diff) => {
  const near = diff.map((_, at) =>
    diff.slice(Math.max(0, at - AROUND), at + AROUND + 1).some(({ kind }) => kind !== "same"));
  const parts = [];
  let skipped = 0;
  const fold = () => {
    if (skipped > 0) parts.push(element("span", { class: "folded" }, `  … ${skipped} lines the same …\n`));
    skipped = 0;
  };
  diff.forEach(({ kind, text }, at) => {
    if (!near[at]) {
      skipped += 1;
      return;
    }
    fold();
    const mark = { removed: "-", added: "+" }[kind] ?? " ";
    const line = `${mark} ${text.endsWith("\n") ? text : `${text}\n`}`;
    parts.push(kind === "same" ? line : element(kind === "removed" ? "del" : "ins", {}, line));
  });
  fold();
  return parts;
};

const file = ({ path, diff }) => {
  const changed = diff.filter(({ kind }) => kind !== "same").length;
  const words = changed === 0 ? "is the same" : `${changed} lines differ`;
  return element(
    "details", { "data-file": path },
    element("summary", {}, element("code", {}, path), " ", words),
    element("pre", { class: "diff", tabindex: "0" }, ...shown(diff)),
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
    const first = answer.files.findIndex(({ diff }) => diff.some(({ kind }) => kind !== "same"));
    if (first >= 0) this.files.children[first].open = true;
    announce("The reference solution is shown.");
  }
}
