// A learner's day: opens the course, reads, runs an example, writes code, uses a hint, comes back.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launch, open } from "./support/browser.mjs";
import { Course } from "./support/course.mjs";

const PHASES = 6;
// Compiling waits for a machine that may be busy; nothing here depends on how long it takes.
const PATIENCE = { timeout: 240_000 };

describe("a learner's day", () => {
  let course;
  let browser;
  let page;
  let faults;
  let foreign;

  before(async () => {
    course = new Course();
    await course.serve();
    browser = await launch();
    ({ page, faults, foreign } = await open(browser));
  });

  after(async () => {
    await browser?.close();
    await course?.close();
  });

  const live = () => page.waitForSelector('html[data-live="connected"]');
  const phase = (number) => page.locator(`.phase-card[data-number="${number}"]`);
  const badge = (number) => phase(number).locator(".badge");
  const hasBadge = (number, text) =>
    badge(number).filter({ hasText: text }).waitFor({ state: "visible", ...PATIENCE });

  test("the first page says where to begin", async () => {
    await page.goto(course.entrance);
    await live();
    assert.equal(page.url(), course.url, "the key is gone from the address");
    const next = page.locator('[data-live="continue"] a');
    assert.match(await next.innerText(), /An LRU cache, phase 1/);
    await next.click();
    await live();
    assert.match(page.url(), /01-core-rust\/lru-cache\.html#phase-1-core$/);
    await hasBadge(1, "not begun");
  });

  test("an example runs on this machine", async () => {
    const box = page.locator(".code-box", { has: page.locator('[data-action="run"]') }).first();
    await box.locator('[data-action="run"]').click();
    // The first run compiles the course's crates.
    const output = box.locator(".run-output");
    await output.filter({ hasNotText: "Running on your machine" }).waitFor({ state: "visible", ...PATIENCE });
    assert.equal(await output.innerText(), "It ran and printed nothing.");
  });

  test("a check of the stub tells that nothing is written yet", async () => {
    await phase(1).locator('[data-action="check"]').click();
    await hasBadge(1, "not written yet");
    assert.match(await phase(1).locator(".unwritten").innerText(), /todo!/);
  });

  test("a hint is given, and is still there on the next visit", async () => {
    const ladder = page.locator('.ladder[data-phase="core"]');
    assert.match(await ladder.innerText(), /Next hint \(1 of \d\)/);
    await ladder.getByRole("button").click();
    await page.locator("details.hint[open]").first().waitFor();
    assert.match(await ladder.innerText(), /Next hint \(2 of \d\)/);
    await page.reload();
    await live();
    assert.match(await ladder.innerText(), /Next hint \(2 of \d\)/);
  });

  test("code that does not compile is shown with the compiler's words", async () => {
    const stub = course.edit("src/cache.rs", (text) => `${text}\nfn broken() -> u8 { "no number" }\n`);
    await hasBadge(1, "does not compile");
    assert.match(await phase(1).locator(".results").innerText(), /mismatched types/);
    course.edit("src/cache.rs", () => stub);
    await hasBadge(1, "not written yet");
  });

  test("a saved solution turns every phase green by itself", async () => {
    course.solve();
    for (let number = 1; number <= PHASES; number += 1) await hasBadge(number, "passed");
    assert.match(await page.locator('[data-live="summary"]').innerText(), /Checked in|All 6 phases passed/);
  });

  test("after passing, the comparison with the reference is offered", async () => {
    await page.locator('.solution-card [data-action="solution"]').click();
    const files = page.locator(".solution-files summary");
    await files.first().waitFor();
    assert.match(await files.first().innerText(), /is the same/);
  });

  test("a wrong change is found as soon as it is saved", async () => {
    const right = course.edit("src/cache.rs", (text) =>
      text.replace(/pub fn len\(&self\) -> usize \{/, "$& return 0;"));
    const card = phase(1).locator(".failure-card[open]").first();
    await card.waitFor({ state: "visible", ...PATIENCE });
    await hasBadge(1, "failing");
    assert.match(await card.innerText(), /expected/i);
    assert.match(await card.innerText(), /received/i);
    course.edit("src/cache.rs", () => right);
    await hasBadge(1, "passed");
    await card.waitFor({ state: "detached", ...PATIENCE });
  });

  test("what the terminal found while no page was open is what the page shows", async () => {
    const chapter = page.url();
    await page.goto("about:blank");
    const right = course.edit("src/cache.rs", (text) =>
      text.replace(/pub fn len\(&self\) -> usize \{/, "$& return 0;"));
    course.check(1);
    await page.goto(chapter);
    await live();
    await hasBadge(1, "failing");
    assert.equal(await phase(1).locator(".tally").innerText(), "");
    assert.equal(await phase(1).locator("li[data-verdict]").count(), 0);
    assert.match(await page.locator('[data-live="summary"]').innerText(), /5 of 6 phases passed/);
    assert.equal(course.progress().exercises[0].phases[0].state, "open");
    course.edit("src/cache.rs", () => right);
    await hasBadge(1, "passed");
  });

  test("the progress is kept, in the contents, on the map and in the terminal", async () => {
    await page.reload();
    await live();
    for (let number = 1; number <= PHASES; number += 1) await hasBadge(number, "passed");
    await page.locator(".sidebar .tick[data-done]").first().waitFor({ state: "attached" });
    await page.goto(`${course.url}progress.html`);
    await live();
    const totals = page.locator('[data-live="progress"] .totals');
    await totals.waitFor();
    assert.match(await totals.innerText(), new RegExp(`${PHASES} of \\d+`));
    const [exercise] = course.progress().exercises;
    assert.deepEqual(exercise.phases.map(({ state }) => state), Array(PHASES).fill("passed"));
  });

  test("days of work are drawn, those without work too", async () => {
    const day = (ago) => new Date(Date.now() - ago * 86_400_000).toISOString();
    const passed = (phase, at) => JSON.stringify({
      event: "checked", exercise: "lru-cache", phase, status: "passed", at, source_hash: "0", suite_hash: "0",
    });
    course.remember([passed("core", day(6)), passed("lookups", day(4)), passed("removal", day(4))]);
    await page.goto(`${course.url}progress.html`);
    await live();
    const plot = page.locator('[data-live="progress"] svg');
    await plot.waitFor();
    // Seven days, or eight where midnight lies between the first check and today's.
    const dots = await plot.locator(".plot-dot").count();
    assert.ok(dots === 7 || dots === 8, `${dots} days`);
    assert.ok(await plot.locator(".plot-bar").count() >= 2);
    await page.getByText("The same as a table").click();
    assert.ok(await page.locator('[data-live="progress"] tbody tr').count() >= 3);
  });

  test("a file of the exercise is opened in the learner's editor", async () => {
    await page.goto(`${course.url}01-core-rust/lru-cache.html`);
    await live();
    await page.locator('[data-action="open"][data-file="src/cache.rs"]').first().click();
    const opened = await course.opened();
    assert.equal(opened.at(-1), course.file("src/cache.rs"));
  });

  test("nothing was asked of another host, and the console stayed empty", () => {
    assert.deepEqual(foreign, []);
    assert.deepEqual(faults, []);
  });
});
