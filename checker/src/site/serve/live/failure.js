// The card of a test that did not pass: everything that helps to find out why.
import { comparison } from "./compare.js";
import { place } from "./editor.js";
import { inline } from "./prose.js";
import { duration, explain, verdicts } from "./words.js";

const { element } = window.course;

const root = document.documentElement.dataset.root;

const fact = (label, ...value) =>
  element("div", { class: "fact" }, element("dt", {}, label), element("dd", {}, ...value));

const captured = ({ stdout, stderr }) => {
  const streams = [["standard output", stdout], ["standard error", stderr]]
    .filter(([, text]) => text.trim() !== "");
  if (streams.length === 0) return null;
  return element(
    "details", { class: "captured" },
    element("summary", {}, "What it printed"),
    ...streams.map(([name, text]) => element(
      "figure", {}, element("figcaption", {}, name), element("pre", { tabindex: "0" }, text),
    )),
  );
};

const steps = (test) => {
  if (test.steps.length === 0) return null;
  const taken = test.steps.map((step) => element("li", {}, step));
  return element("div", { class: "steps" }, element("p", { class: "label" }, "steps"), element("ol", {}, ...taken));
};

const evidence = (test, exercise) => {
  const parts = [];
  const told = explain(test);
  if (told) parts.push(element("p", {}, told));
  if (test.verdict === "failed") {
    const compared = test.expected !== null || test.received !== null;
    if (!compared) parts.push(element("pre", { class: "message", tabindex: "0" }, test.message));
    parts.push(steps(test));
    if (compared) parts.push(comparison(test.expected, test.received));
  }
  if (test.verdict === "wrongly_compiled") {
    parts.push(element("pre", { class: "message", tabindex: "0" }, test.program));
    const list = (errors, none) => errors.length === 0 ? none : errors.join("\n");
    parts.push(comparison(list(test.expected, "no error"), list(test.received, "no error")));
  }
  if (test.verdict === "not_implemented") parts.push(element("p", {}, test.message));
  if (test.verdict !== "failed") parts.push(steps(test));
  const facts = [];
  if (test.verdict === "failed" && test.message && (test.expected !== null || test.received !== null)) {
    facts.push(fact("checked", test.message));
  }
  if (test.location) facts.push(fact("at", place(exercise, test.location)));
  if (test.seed !== null && test.seed !== undefined) {
    facts.push(fact("seed", element("code", {}, String(test.seed))));
  }
  return [...parts, facts.length > 0 ? element("dl", { class: "facts" }, ...facts) : null];
};

const further = (test, exercise) => {
  const again = element("code", {}, `checker check ${exercise} --test ${test.name}`);
  return element(
    "dl", { class: "facts" },
    test.hint ? fact("hint", ...inline(test.hint)) : null,
    fact("repeat", again),
    test.read_on ? fact("read on", element("a", { href: `${root}${test.read_on}` }, test.read_on.split("#")[1] ?? test.read_on)) : null,
  );
};

/** The card of a test, which is open if it was or if it is the first. */
export const failureCard = (test, exercise, open) =>
  element(
    "details", { class: "failure-card", "data-failure": test.name, "data-verdict": test.verdict, open },
    element(
      "summary", {},
      element("span", { class: "behaviour" }, ...inline(test.behaviour)),
      element("span", { class: "failure-kind" }, `${verdicts[test.verdict] ?? test.verdict}, ${duration(test.millis)}`),
    ),
    ...test.details.split("\n\n").filter(Boolean).map((text) => element("p", {}, ...inline(text))),
    ...evidence(test, exercise),
    captured(test.output),
    further(test, exercise),
  );

/** Whether a test has a card of its own: what is only unwritten has not. */
export const hasCard = ({ verdict }) => verdict !== "passed" && verdict !== "not_implemented";
