// The ladder of hints: each stands folded in the page, and appears when it is asked for.
import { post } from "./api.js";
import { act } from "./notice.js";

const { element, announce } = window.course;

export class Ladder {
  constructor(phase, hints) {
    this.phase = phase;
    this.hints = hints;
    this.button = element("button", { type: "button", class: "button", "data-action": "hint" });
    this.place = element("div", { class: "ladder", "data-phase": phase.name }, this.button);
    this.button.addEventListener("click", () => this.next());
    hints.at(-1).after(this.place);
    this.show(0);
  }

  /** Shows as many hints as were taken. */
  show(taken) {
    this.taken = taken;
    this.hints.forEach((hint, at) => { hint.hidden = at >= taken; });
    const isOver = taken >= this.hints.length;
    this.place.hidden = isOver;
    this.button.textContent = `Next hint (${Math.min(taken + 1, this.hints.length)} of ${this.hints.length})`;
  }

  async next() {
    if (this.taken >= this.hints.length) return;
    const request = { exercise: this.phase.exercise, phase: this.phase.name };
    const hint = await act(this.button, () => post("hint", request));
    if (!hint) return;
    this.show(Math.max(this.taken, hint.step));
    const opened = this.hints[hint.step - 1];
    if (opened) {
      opened.open = true;
      opened.querySelector("summary").focus();
      announce(`Hint ${hint.step} of ${hint.of}: ${hint.title}`);
    }
  }
}

/** The ladders of a page: the hints that follow each phase's card, before the next. */
export const ladders = (phases) => {
  const bySection = new Map(phases.map((phase) => [phase.section, phase]));
  const found = new Map();
  let current = null;
  for (const node of document.querySelectorAll("main .phase-card, main details.hint")) {
    if (bySection.has(node)) current = bySection.get(node);
    else if (current) found.set(current, [...(found.get(current) ?? []), node]);
  }
  return [...found].map(([phase, hints]) => new Ladder(phase, hints));
};
