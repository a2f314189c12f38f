// An exercise's page: the header, the cards of its phases, and the checks that fill them.
import { post } from "./api.js";
import { openFiles } from "./editor.js";
import { ladders } from "./hints.js";
import { act } from "./notice.js";
import { Phase } from "./phase.js";
import { Solution } from "./solution.js";
import { count, duration } from "./words.js";

const { element, announce, onKey } = window.course;

const isDone = ({ state }) => state === "passed" || state === "edited_since";

export class ExercisePage {
  constructor(card) {
    this.card = card;
    this.id = card.dataset.exercise;
    openFiles(card);
    const sections = document.querySelectorAll(`.phase-card[data-exercise="${CSS.escape(this.id)}"]`);
    this.phases = [...sections].map((section) => new Phase(section));
    this.ladders = ladders(this.phases);
    this.solution = new Solution(this.id);
    this.summary = element("p", { class: "summary", "data-live": "summary" });
    this.button = element("button", { type: "button", class: "button primary", "data-action": "check-all" }, "Check all phases");
    this.stop = element("button", { type: "button", class: "button", "data-action": "cancel", hidden: true }, "Stop");
    this.button.addEventListener("click", () => this.check());
    this.stop.addEventListener("click", () => act(this.stop, () => post("cancel")));
    this.notices = element("div", { class: "check-notices" });
    card.append(element("div", { class: "live-bar" }, this.summary, this.stop, this.button), this.notices);
    this.keys();
  }

  check() {
    return act(this.button, () => post("check", { exercise: this.id }));
  }

  stand(state) {
    const standing = state.exercises.find(({ id }) => id === this.id);
    if (!standing) return;
    const done = standing.phases.filter(isDone).length;
    const current = standing.phases.find((phase) => !isDone(phase));
    // What a check said stays until another begins, or another program finds something else.
    const states = standing.phases.map((phase) => phase.state).join();
    if (!this.isRunning) this.found ??= states;
    if (!this.hasChecked || (!this.isRunning && this.found !== states)) {
      this.hasChecked = false;
      this.summary.textContent = current
        ? `${done} of ${count(standing.phases.length, "phase")} passed. Saved files are checked by themselves.`
        : `All ${count(standing.phases.length, "phase")} passed.`;
    }
    for (const phase of this.phases) {
      const own = standing.phases.find(({ number }) => number === phase.number);
      if (own) phase.stand(own, own === current);
    }
    for (const ladder of this.ladders) {
      const own = standing.phases.find(({ number }) => number === ladder.phase.number);
      if (own && own.hints.taken !== ladder.taken) ladder.show(own.hints.taken);
    }
    this.solution.stand(!current);
  }

  /** A line of a check. */
  onCheck({ exercise, phase, line }) {
    if (exercise !== this.id) return;
    const concerned = this.phases.filter(({ number }) => phase === null || phase === undefined || number === phase);
    switch (line.event) {
      case "started":
        this.running(true, "Checking …");
        for (const card of concerned) card.begin();
        break;
      case "waiting":
        this.summary.textContent = `Waiting for ${line.holder}`;
        break;
      case "compiling":
        this.summary.textContent = "Compiling …";
        break;
      case "compiled":
        this.summary.textContent = `Compiled in ${duration(line.millis)}. Running the tests …`;
        break;
      case "tested":
        this.phase(line.phase)?.tested(line.test);
        break;
      case "phase_done":
        this.phase(line.phase.number)?.done(line.phase);
        break;
      case "report":
        this.reported(line.report);
        break;
      case "cancelled":
        this.running(false, "Stopped.");
        for (const card of concerned) card.end();
        break;
      case "failed":
        this.running(false, line.message);
        for (const card of concerned) card.end();
        announce(`The check failed: ${line.message}`);
        break;
      default:
    }
  }

  phase(number) {
    return this.phases.find((card) => card.number === number);
  }

  running(isRunning, text) {
    this.hasChecked = true;
    this.isRunning = isRunning;
    this.found = null;
    this.summary.textContent = text;
    this.stop.hidden = !isRunning;
    if (isRunning) this.notices.replaceChildren();
  }

  reported(report) {
    for (const phase of report.phases) this.phase(phase.number)?.done(phase);
    for (const card of this.phases) if (card.running) card.end();
    const said = report.phases.map(Phase.said).join(". ");
    const took = `${duration(report.total_millis)}, ${duration(report.build_millis)} of it compiling`;
    this.running(false, `${said}. Checked in ${took}.`);
    this.notices.replaceChildren(...report.notices.map((text) => element("p", {}, text)));
    announce(said);
  }

  /** The phase that is being read: the last whose section began above the middle of the window. */
  current() {
    const above = this.phases.filter(
      ({ section }) => section.getBoundingClientRect().top < innerHeight * 0.6,
    );
    return above.at(-1) ?? this.phases[0];
  }

  keys() {
    onKey("c", "check this phase", () => { this.current()?.check(); });
    onKey("a", "check all phases", () => { this.check(); });
    onKey("h", "next hint", () => {
      this.ladders.find(({ phase }) => phase === this.current())?.next();
    });
    onKey("n", "next failing test", () => this.turn(1));
    onKey("p", "previous failing test", () => this.turn(-1));
  }

  turn(step) {
    const cards = [...document.querySelectorAll(".failure-card > summary")];
    if (cards.length === 0) return;
    const at = cards.indexOf(document.activeElement);
    const next = cards[at === -1 ? (step > 0 ? 0 : cards.length - 1) : (at + step + cards.length) % cards.length];
    next.parentElement.open = true;
    next.focus();
    next.scrollIntoView({ block: "center" });
  }
}
