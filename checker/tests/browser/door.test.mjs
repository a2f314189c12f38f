// The way into the live pages: the address of the terminal, once, in one browser.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import { launch, open } from "./support/browser.mjs";
import { Course } from "./support/course.mjs";
import { serveFolder } from "./support/files.mjs";

const CHAPTER = "01-core-rust/lru-cache.html";
const PATIENCE = { timeout: 240_000 };

describe("the way into the live pages", () => {
  let course;
  let browser;
  let own;
  let page;

  before(async () => {
    course = new Course();
    await course.serve();
    browser = await launch();
    ({ page, context: own } = await open(browser));
    await page.goto(course.entrance);
    await page.waitForSelector('html[data-live="connected"]');
  });

  after(async () => {
    await browser?.close();
    await course?.close();
  });

  const live = (tab) => tab.waitForSelector('html[data-live="connected"]', PATIENCE);
  const note = (tab) => tab.locator('[data-live="guest"]');

  test("a browser that types the address alone reads the book, and is told how to come in", async () => {
    const { page: guest, context, faults } = await open(browser);
    await guest.goto(course.url + CHAPTER);
    await note(guest).waitFor();
    assert.match(await note(guest).innerText(), /press Enter in the terminal/);
    assert.equal(await guest.locator('[data-action="check"]').count(), 0);
    assert.equal(await guest.evaluate(() => localStorage.getItem("course-token")), null);
    const { violations } = await new AxeBuilder({ page: guest }).analyze();
    assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes[0]?.html]), []);
    assert.deepEqual(faults, []);
    await context.close();
  });

  test("an address that was used says so, and leads to the book", async () => {
    const { page: second, context } = await open(browser);
    await second.goto(course.entrance);
    assert.match(await second.locator("main").innerText(), /opens nothing any more[^]*Press Enter/);
    const { violations } = await new AxeBuilder({ page: second }).analyze();
    assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes[0]?.html]), []);
    await second.getByRole("link").click();
    await note(second).waitFor();
    await context.close();
  });

  test("the browser that came in may open its address again, and further tabs", async () => {
    const tab = await own.newPage();
    await tab.goto(course.entrance);
    await live(tab);
    assert.equal(tab.url(), course.url);
    await tab.goto(course.url + CHAPTER);
    await live(tab);
    await tab.reload();
    await live(tab);
    await tab.close();
  });

  test("a link on a page of another site leads to a live page", async () => {
    const folder = mkdtempSync(join(tmpdir(), "elsewhere-"));
    writeFileSync(join(folder, "index.html"), `<!DOCTYPE html><title>x</title><a href="${course.url}${CHAPTER}">on</a>`);
    const elsewhere = await serveFolder(folder);
    const tab = await own.newPage();
    // Another host, so that the browser keeps the cookie back.
    await tab.goto(elsewhere.url.replace("127.0.0.1", "localhost"));
    await tab.getByRole("link").click();
    await live(tab);
    assert.equal(await note(tab).count(), 0);
    await tab.locator('[data-action="check"]').first().waitFor();
    await tab.close();
    elsewhere.close();
    rmSync(folder, { recursive: true });
  });

  test("a page of an earlier run says so, and comes back by itself", async () => {
    await page.goto(course.url + CHAPTER);
    await live(page);
    await course.restart();
    const refusal = page.locator('p[data-live="refused"]');
    await refusal.waitFor(PATIENCE);
    assert.match(await refusal.innerText(), /press Enter/);
    const tab = await own.newPage();
    await tab.goto(course.entrance);
    await live(tab);
    await live(page);
    assert.equal(await refusal.count(), 0);
    await tab.close();
  });
});
