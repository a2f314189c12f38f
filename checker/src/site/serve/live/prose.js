// Sentences that come from the course's sources, with code between backticks.
const { element } = window.course;

/** The parts of a line: what stands between backticks is code, and between asterisks emphasis. */
export const inline = (text) => {
  const parts = [];
  let at = 0;
  for (const found of text.matchAll(/`([^`]+)`|\*([^*\s][^*]*)\*/g)) {
    parts.push(text.slice(at, found.index));
    parts.push(found[1] === undefined ? element("em", {}, found[2]) : element("code", {}, found[1]));
    at = found.index + found[0].length;
  }
  parts.push(text.slice(at));
  return parts.filter((part) => part !== "");
};
