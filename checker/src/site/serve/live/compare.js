// Two values side by side, with what differs marked.
const { element } = window.course;

// Beyond this many pairs of lines, finding what is common costs more than it tells.
const MOST_PAIRS = 250_000;

/** The indices of lines that both texts have in common, in order. */
const common = (left, right) => {
  const lengths = Array.from({ length: left.length + 1 }, () => new Uint32Array(right.length + 1));
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      lengths[i][j] = left[i] === right[j]
        ? lengths[i + 1][j + 1] + 1
        : Math.max(lengths[i + 1][j], lengths[i][j + 1]);
    }
  }
  const same = [new Set(), new Set()];
  let [i, j] = [0, 0];
  while (i < left.length && j < right.length) {
    if (left[i] === right[j]) {
      same[0].add(i);
      same[1].add(j);
      i += 1;
      j += 1;
    } else if (lengths[i + 1][j] >= lengths[i][j + 1]) i += 1;
    else j += 1;
  }
  return same;
};

const lines = (texts) => {
  const [left, right] = texts.map((text) => text.split("\n"));
  if (left.length * right.length > MOST_PAIRS) return texts.map((text) => [text]);
  const same = common(left, right);
  return [left, right].map((all, side) =>
    all.map((line, at) => {
      const end = at + 1 < all.length ? "\n" : "";
      return same[side].has(at) ? line + end : element("mark", {}, line + end);
    }));
};

const characters = (texts) => {
  const [left, right] = texts.map((text) => [...text]);
  const shortest = Math.min(left.length, right.length);
  let start = 0;
  while (start < shortest && left[start] === right[start]) start += 1;
  let end = 0;
  while (end < shortest - start && left.at(-1 - end) === right.at(-1 - end)) end += 1;
  return [left, right].map((all) => {
    const differs = all.slice(start, all.length - end).join("");
    return [
      all.slice(0, start).join(""),
      differs === "" ? null : element("mark", {}, differs),
      all.slice(all.length - end).join(""),
    ].filter((part) => part !== null && part !== "");
  });
};

/** A definition list with both values. */
export const comparison = (expected, received) => {
  const both = expected !== null && received !== null;
  const isLong = both && `${expected}${received}`.includes("\n");
  const parts = both
    ? (isLong ? lines : characters)([expected, received])
    : [[expected ?? ""], [received ?? ""]];
  const row = (label, kind, value, children) =>
    value === null ? null : element(
      "div", { class: `value ${kind}` },
      element("dt", {}, label),
      element("dd", {}, element("pre", { tabindex: "0" }, ...children)),
    );
  return element(
    "dl", { class: "comparison" },
    row("expected", "expected", expected, parts[0]),
    row("received", "received", received, parts[1]),
  );
};
