// The card of a phase: its state, its check, and the results of its tests.
import { post } from "./api.js";
import { openFiles, place } from "./editor.js";
import { failureCard, hasCard } from "./failure.js";
import { act } from "./notice.js";
import { problemCard } from "./problem.js";
import { count, duration, states, statuses, verdicts } from "./words.js";

const { element } = window.course;

export class Phase {
  constructor(section) {
    this.section = section;
    this.exercise = section.dataset.exercise;
    this.name = section.dataset.phase;
    this.number = Number(section.dataset.number);
    this.items = new Map();
    for (const item of section.querySelectorAll("li[data-test]")) this.items.set(item.dataset.test, item);
    openFiles(section);
    this.badge = element("span", { class: "badge", "data-kind": "open" }, "not begun");
    this.tally = element("span", { class: "tally" });
    this.button = element(
      "button", { type: "button", class: "button primary", "data-action": "check" },
      "Check", element("span", { class: "visually-hidden" }, ` phase ${this.number}`),
    );
    this.button.addEventListener("click", () => this.check());
    this.results = element("div", { class: "results", "data-live": "results" });
    section.prepend(element("div", { class: "live-bar" }, this.badge, this.tally, this.button));
    section.querySelector(".behaviours").after(this.results);
    this.running = false;
    this.tests = [];
    this.isCurrent = false;
  }

  check() {
    return act(this.button, () => post("check", { exercise: this.exercise, phase: this.number }));
  }

  /** What the progress file says, and the last report if it agrees with that. */
  stand(standing, isCurrent) {
    this.isCurrent = isCurrent;
    this.section.dataset.state = standing.state;
    this.standing = standing;
    if (this.running) return;
    if (standing.report) this.show(standing.report);
    else this.forget();
    this.mark(states[standing.state] ?? { label: standing.state, kind: "open" });
    if (standing.report && standing.state !== "passed" && standing.state !== "edited_since") {
      this.mark(statuses[standing.report.status]);
    }
  }

  mark({ label, kind }) {
    this.badge.textContent = label;
    this.badge.dataset.kind = kind;
  }

  /** A check of this phase began. */
  begin() {
    this.running = true;
    this.tests = [];
    this.shown = null;
    this.section.dataset.checking = "";
    this.mark({ label: "checking …", kind: "run" });
    this.tally.textContent = "";
  }

  /** The check is over, with a report or without. */
  end() {
    this.running = false;
    delete this.section.dataset.checking;
    if (this.standing) this.stand(this.standing, this.isCurrent);
  }

  tested(test) {
    if (this.tests.length === 0) this.clear();
    this.tests.push(test);
    this.markItem(test);
    const passed = this.tests.filter(({ verdict }) => verdict === "passed").length;
    this.tally.textContent = `${passed} of ${this.items.size}`;
    if (hasCard(test)) {
      this.results.append(failureCard(test, this.exercise, this.results.childElementCount === 0));
    }
  }

  /** Takes back what was shown: another program may have checked the phase since. */
  forget() {
    this.clear();
    this.shown = null;
    this.tally.textContent = "";
  }

  clear() {
    this.results.replaceChildren();
    for (const item of this.items.values()) {
      delete item.dataset.verdict;
      item.querySelector(".verdict")?.remove();
    }
  }

  markItem({ name, verdict }) {
    const item = this.items.get(name);
    if (!item) return;
    item.dataset.verdict = verdict;
    item.querySelector(".verdict")?.remove();
    item.append(element("span", { class: "verdict visually-hidden" }, ` (${verdicts[verdict] ?? verdict})`));
  }

  /** Shows a report as a whole. Cards that the learner opened stay open. */
  show(report) {
    const key = JSON.stringify(report);
    if (this.shown === key) return;
    this.shown = key;
    const open = new Set(
      [...this.results.querySelectorAll("details[open][data-failure]")].map((card) => card.dataset.failure),
    );
    this.clear();
    const failing = report.tests.filter(hasCard);
    for (const test of report.tests) this.markItem(test);
    if (report.problem) this.results.append(problemCard(report.problem, this.exercise, this.isCurrent));
    failing.forEach((test, at) => {
      const isOpen = open.size > 0 ? open.has(test.name) : at === 0;
      this.results.append(failureCard(test, this.exercise, isOpen));
    });
    const unwritten = report.tests.filter(({ verdict }) => verdict === "not_implemented");
    if (unwritten.length > 0) {
      const [first] = unwritten;
      this.results.append(element(
        "p", { class: "unwritten" },
        `${count(unwritten.length, "test")} ${unwritten.length === 1 ? "reaches" : "reach"} a todo!`,
        ...(first.location ? [", the first at ", place(this.exercise, first.location)] : []), ".",
      ));
    }
    const passed = report.tests.filter(({ verdict }) => verdict === "passed").length;
    this.tally.textContent = report.problem ? "" : `${passed} of ${report.tests.length}`;
  }

  /** The phase is complete: its report replaces what was streamed. */
  done(report, millis) {
    this.running = false;
    delete this.section.dataset.checking;
    this.mark(statuses[report.status]);
    this.show(report);
    if (millis !== undefined) this.tally.textContent += `, ${duration(millis)}`;
  }

  /** The report in a sentence, for those who listen. */
  static said(report) {
    if (report.problem) return `Phase ${report.number}: ${statuses[report.status].label}`;
    const passed = report.tests.filter(({ verdict }) => verdict === "passed").length;
    return `Phase ${report.number}: ${passed} of ${count(report.tests.length, "test")} ${passed === 1 ? "passes" : "pass"}`;
  }
}
