// The page of progress: totals, modules, and a plot over time of phases passed and hours.
import { get } from "./api.js";
import { count } from "./words.js";

const { element } = window.course;

const root = document.documentElement.dataset.root;

const SVG = "http://www.w3.org/2000/svg";

const shape = (name, attributes, ...children) => {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
};

const hours = (minutes) => (minutes / 60).toLocaleString("en", { maximumFractionDigits: 1 });

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [720, 260, 44, 32, 16];

const MOST_DAYS = 120;

/** Every day from the first to today, so that days without work are seen. */
const calendar = (days) => {
  const known = new Map(days.map((day) => [day.day, day]));
  const all = [];
  const end = new Date();
  for (const at = new Date(`${days[0].day}T12:00:00`); at <= end || all.length === 0; at.setDate(at.getDate() + 1)) {
    const day = [at.getFullYear(), at.getMonth() + 1, at.getDate()]
      .map((part) => String(part).padStart(2, "0")).join("-");
    all.push(known.get(day) ?? { day, minutes: 0, phases: 0 });
    known.delete(day);
  }
  all.push(...known.values());
  // The caller's days are those of the server's clock, which may be ahead of the browser's.
  return all.slice(-MOST_DAYS);
};

/** Bars for the hours of each day, and a line for the phases passed so far. */
const plot = (days, before) => {
  const shown = calendar(days);
  const most = Math.max(60, ...shown.map(({ minutes }) => minutes));
  let sum = before(shown[0].day);
  const sums = shown.map(({ phases }) => { sum += phases; return sum; });
  const top = Math.max(1, ...sums);
  const wide = (WIDTH - LEFT * 2) / shown.length;
  const bar = Math.min(wide * 0.7, 40);
  const y = (share) => HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP);
  const x = (at) => LEFT + wide * at;
  const drawing = shape("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-labelledby": "plot-words" });
  drawing.append(shape("path", { class: "f-line", d: `M${LEFT} ${y(0)}H${WIDTH - LEFT}` }));
  shown.forEach(({ minutes }, at) => {
    if (minutes === 0) return;
    const height = y(0) - y(minutes / most);
    drawing.append(shape("rect", {
      class: "plot-bar", x: x(at + 0.5) - bar / 2, y: y(minutes / most), width: bar, height,
    }));
  });
  const line = sums.map((value, at) => `${at === 0 ? "M" : "L"}${x(at + 0.5)} ${y(value / top)}`).join("");
  drawing.append(shape("path", { class: "f-line-accent", d: line }));
  sums.forEach((value, at) => {
    drawing.append(shape("circle", { class: "plot-dot", cx: x(at + 0.5), cy: y(value / top), r: 3 }));
  });
  const label = (text, at, anchor, high) =>
    shape("text", { class: "f-text-small", x: at, y: high, "text-anchor": anchor }, text);
  drawing.append(
    label(`${hours(most)} h`, LEFT - 6, "end", y(1) + 5),
    label("0 h", LEFT - 6, "end", y(0) + 5),
    label("0", WIDTH - LEFT + 6, "start", y(0) + 5),
    label(String(top), WIDTH - LEFT + 6, "start", y(1) + 5),
    label(shown[0].day, shown.length === 1 ? x(0.5) : LEFT, shown.length === 1 ? "middle" : "start", HEIGHT - 8),
  );
  if (shown.length > 1) drawing.append(label(shown.at(-1).day, WIDTH - LEFT, "end", HEIGHT - 8));
  return drawing;
};

const table = (days) => {
  const rows = days.map(({ day, minutes, phases }) =>
    element("tr", {}, element("td", {}, day), element("td", {}, hours(minutes)), element("td", {}, String(phases))));
  const heads = ["day", "hours", "phases passed"].map((text) => element("th", { scope: "col" }, text));
  return element(
    "details", {},
    element("summary", {}, "The same as a table"),
    element("table", {}, element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...rows)),
  );
};

const module = (state) => ({ id, title, page, exercises, done, phases }) => {
  const own = exercises.map((name) => {
    const { title: words, page: at, phases: all } = state.exercises.find((one) => one.id === name);
    const passed = all.filter(({ state: of }) => of === "passed" || of === "edited_since").length;
    return element(
      "li", { "data-exercise": name }, element("a", { href: `${root}${at}` }, words), ` ${passed} of ${all.length}`,
    );
  });
  return element(
    "section", { class: "module-progress", "data-module": id },
    element("h2", {}, page ? element("a", { href: `${root}${page}` }, title) : title),
    element("progress", { value: String(done), max: String(Math.max(1, phases)), "aria-label": `${title}: ${done} of ${phases} phases` }),
    element("ul", {}, ...own),
  );
};

/** Fills the page, if this is it. */
export const showProgress = async (state) => {
  const place = document.querySelector('[data-live="progress"]');
  if (!place) return;
  const { hours: days } = await get("history");
  const all = state.modules.reduce((sum, { phases }) => sum + phases, 0);
  const done = state.modules.reduce((sum, one) => sum + one.done, 0);
  const minutes = days.reduce((sum, day) => sum + day.minutes, 0);
  const total = (value, words) =>
    element("div", {}, element("dt", {}, words), element("dd", {}, value));
  const parts = [element(
    "dl", { class: "totals" },
    total(`${done} of ${all}`, "phases passed"),
    total(hours(minutes), "hours, estimated"),
    total(String(days.length), days.length === 1 ? "day of work" : "days of work"),
  )];
  if (days.length > 0) {
    const before = (first) =>
      days.filter(({ day }) => day < first).reduce((sum, { phases }) => sum + phases, 0);
    const words = `Bars: hours of each day. Line: phases passed so far, ${count(done, "phase")} in all.`;
    parts.push(
      element("figure", { class: "figure" }, plot(days, before), element("figcaption", { id: "plot-words" }, words)),
      table(days),
    );
  }
  place.replaceChildren(...parts, ...state.modules.map(module(state)));
};
