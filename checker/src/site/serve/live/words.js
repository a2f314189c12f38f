// What states and verdicts are called, and what usually causes them.

/** The badge of a phase, by the state in the progress file. */
export const states = {
  not_begun: { label: "not begun", kind: "open" },
  open: { label: "failing", kind: "bad" },
  passed: { label: "passed", kind: "good" },
  edited_since: { label: "passed, edited since", kind: "warn" },
};

/** The badge of a phase, by the status of a report. */
export const statuses = {
  passed: { label: "passed", kind: "good" },
  failed: { label: "failing", kind: "bad" },
  not_implemented: { label: "not written yet", kind: "open" },
  does_not_compile: { label: "does not compile", kind: "bad" },
  checker_fault: { label: "checker fault", kind: "warn" },
  partial: { label: "partly checked", kind: "open" },
};

/** A verdict in a word or two. */
export const verdicts = {
  passed: "passed",
  failed: "failed",
  not_implemented: "not written yet",
  wrongly_compiled: "compiles wrongly",
  timed_out: "timed out",
  crashed: "crashed",
  over_limit: "over limit",
  skipped: "skipped",
  checker_fault: "checker fault",
};

const resources = {
  memory: ["memory", "Look for a collection that grows without end, and for a capacity that is allocated at once."],
  output: ["output", "Look for a loop that prints."],
  file_size: ["file size", "Look for a file that is written without end."],
  files: ["temporary files", "Look for files that are never removed, and for records that are written again."],
  processes: ["processes and threads", "Look for threads that are started in a loop and never joined."],
};

const crash = ({ cause, number, code }) => {
  switch (cause) {
    case "stack_overflow":
      return "The stack overflowed. Usually a function calls itself without reaching its end, or the nodes of a long list drop each other recursively.";
    case "abort":
      return "The process aborted. Usually a second panic happened while the first one unwound: look at what runs in a Drop.";
    case "signal":
      return `Signal ${number} ended the process. Safe Rust does not do this: look at every unsafe block, or for memory that grows without end.`;
    default:
      return `The process ended${code === null || code === undefined ? "" : ` with code ${code}`} before the test did. Usually something called std::process::exit.`;
  }
};

const timedOut = ({ seconds, ran_seconds: ran, waited_seconds: waited, manner }) => {
  const said = [`It did not end in the ${seconds} s that it may take.`];
  if (manner === "computing") {
    said.push(`It was still computing: it ran for ${ran.toFixed(1)} s.`);
  } else {
    said.push(`In the end it did nothing but wait: it ran for ${ran.toFixed(1)} s.`);
  }
  if (waited >= 1) {
    said.push(`The ${waited.toFixed(1)} s in which it waited for a processor do not count.`);
  }
  said.push(manner === "computing"
    ? "Either it does far more work than it needs, or a loop has no end: look for work that grows with the square of the input, a condition that never changes, a list that points back to itself."
    : "Usually a thread takes a lock that it already holds, two threads take two locks in different orders, or a receiver waits for a sender that is never dropped.");
  return said.join(" ");
};

/** What happened in a test that has no values to compare, in a sentence or two. */
export const explain = (test) => {
  switch (test.verdict) {
    case "timed_out":
      return timedOut(test);
    case "crashed":
      return crash(test);
    case "over_limit": {
      const [name, why] = resources[test.resource] ?? [test.resource, ""];
      return `It passed the limit of ${test.limit} (${name}). ${why}`;
    }
    case "skipped":
      return `It could not run here and counts neither way. It needs ${test.needs}.`;
    case "checker_fault":
      return test.origin === "machine"
        ? `This machine did not let the checker do its work; this is not your mistake. It says: ${test.message}.`
        : `The checker could not do its work; this is not your mistake. ${test.message}`;
    default:
      return null;
  }
};

/** How long something took. */
export const duration = (millis) =>
  millis < 1000 ? `${millis} ms` : `${(millis / 1000).toFixed(1)} s`;

/** A number with its noun. */
export const count = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;
