// Everything that a card does, from the keyboard alone, and told to those who listen.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import { launch, open } from "./support/browser.mjs";
import { Course } from "./support/course.mjs";

const PATIENCE = { timeout: 240_000 };

describe("with the keyboard alone", () => {
  let course;
  let browser;
  let page;
  let faults;

  before(async () => {
    course = new Course();
    await course.serve();
    browser = await launch();
    ({ page, faults } = await open(browser, { reducedMotion: "reduce" }));
    await page.goto(course.entrance);
    await page.waitForSelector('html[data-live="connected"]');
    await page.goto(`${course.url}01-core-rust/lru-cache.html`);
    await page.waitForSelector('html[data-live="connected"]');
  });

  after(async () => {
    await browser?.close();
    await course?.close();
  });

  const focused = () => page.evaluate(() => document.activeElement?.innerText ?? "");

  test("the first stop leads past the contents to the text", async () => {
    await page.keyboard.press("Tab");
    assert.match(await focused(), /Skip to the text/);
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement?.id), "content");
  });

  test("a question mark lists the keys, and Escape closes the list", async () => {
    await page.keyboard.press("?");
    const dialog = page.getByRole("dialog");
    await dialog.waitFor({ state: "visible" });
    const text = await dialog.innerText();
    for (const key of ["check this phase", "check all phases", "next hint", "next failing test"]) {
      assert.match(text, new RegExp(key, "i"));
    }
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
  });

  test("c checks the phase that is read, and the result is announced", async () => {
    await page.locator("#phase-1-core").scrollIntoViewIfNeeded();
    await page.evaluate(() => document.querySelector('.phase-card[data-number="1"]').scrollIntoView());
    await page.keyboard.press("c");
    const said = page.locator('[aria-live="polite"]', { hasText: /Phase 1: 0 of \d+ tests pass/ });
    await said.first().waitFor({ state: "attached", ...PATIENCE });
  });

  test("h gives the next hint, and the focus goes to it", async () => {
    await page.keyboard.press("h");
    await page.waitForFunction(() => document.activeElement?.closest("details.hint")?.open);
  });

  test("Tab reaches the button of a phase, and Enter presses it", async () => {
    await page.locator('.phase-card[data-number="2"] [data-action="check"]').focus();
    await page.keyboard.press("Enter");
    const badge = page.locator('.phase-card[data-number="2"] .badge', { hasText: "not written yet" });
    await badge.waitFor({ state: "visible", ...PATIENCE });
  });

  test("n goes from failing test to failing test", async () => {
    course.solve();
    await page.locator('.phase-card[data-number="6"] .badge', { hasText: "passed" })
      .waitFor({ state: "visible", ...PATIENCE });
    course.edit("src/cache.rs", (text) => text.replace(/pub fn len\(&self\) -> usize \{/, "$& return 0;"));
    await page.locator(".failure-card").first().waitFor({ state: "visible", ...PATIENCE });
    await page.locator('[data-live="summary"]', { hasText: "Checked in" }).waitFor(PATIENCE);
    await page.keyboard.press("n");
    const first = await focused();
    await page.keyboard.press("n");
    assert.notEqual(await focused(), first);
    await page.keyboard.press("p");
    assert.equal(await focused(), first);
  });

  test("a live page has no fault that axe knows, in light and in dark", async () => {
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      const { violations } = await new AxeBuilder({ page }).analyze();
      assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes[0].target}`), []);
    }
  });

  test("no key acts while somebody types", async () => {
    await page.keyboard.press("/");
    const field = page.getByRole("dialog").getByRole("searchbox").or(page.getByRole("dialog").locator("input"));
    await field.first().waitFor({ state: "visible" });
    await page.keyboard.type("cha");
    assert.equal(await field.first().inputValue(), "cha");
    await page.keyboard.press("Escape");
    assert.deepEqual(faults, []);
  });
});
