// Every kind of page, as it is published: accessible, light to load, and complete without script.
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import { launch, open } from "./support/browser.mjs";
import { build } from "./support/course.mjs";
import { serveFolder } from "./support/files.mjs";

/** One page of each kind. */
const KINDS = {
  "the first page": "index.html",
  "the map": "map.html",
  "the progress": "progress.html",
  "the chapter for instructors": "instructors.html",
  "a module": "01-core-rust/index.html",
  "a lecture": "01-core-rust/traits/index.html",
  "a lecture with a quiz": "01-core-rust/collections/iterators.html",
  "an exercise": "01-core-rust/lru-cache.html",
  "figures": "appendix/figures.html",
  "benchmarks": "appendix/benchmarks/lru-cache.html",
  "a page that does not exist": "nowhere.html",
};

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

/** What a page may weigh, compressed, before fonts and the search index. */
const BUDGET = 150 * 1024;

const words = (violations) =>
  violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ target }) => target.join(" ")).join(" | ")}`);

describe("published pages", () => {
  let dir;
  let site;
  let browser;

  before(async () => {
    dir = build();
    site = await serveFolder(dir);
    browser = await launch();
  });

  after(async () => {
    await browser?.close();
    site?.close();
    if (dir) rmSync(join(dir, ".."), { recursive: true, force: true });
  });

  for (const [kind, path] of Object.entries(KINDS)) {
    for (const [look, options] of Object.entries({
      "in light": { colorScheme: "light" },
      "in dark": { colorScheme: "dark" },
      "on a phone": { colorScheme: "light", ...PHONE },
    })) {
      test(`${kind} has no fault that axe knows, ${look}`, async () => {
        const { page, context, faults } = await open(browser, { reducedMotion: "reduce", ...options });
        const answer = await page.goto(site.url + path);
        assert.equal(answer.status(), kind === "a page that does not exist" ? 404 : 200);
        const { violations } = await new AxeBuilder({ page }).analyze();
        assert.deepEqual(words(violations), []);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wide <= 0, `the page is ${wide} pixels wider than the window`);
        assert.deepEqual(faults.filter((fault) => !/404/.test(fault)), []);
        await context.close();
      });
    }

    test(`${kind} is light, asks no other host, and holds still while it loads`, async () => {
      const { page, context, foreign } = await open(browser);
      const session = await context.newCDPSession(page);
      await session.send("Network.enable");
      let bytes = 0;
      session.on("Network.loadingFinished", ({ encodedDataLength }) => { bytes += encodedDataLength; });
      await page.addInitScript(() => {
        window.shift = 0;
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
        }).observe({ type: "layout-shift", buffered: true });
      });
      await page.goto(site.url + path, { waitUntil: "networkidle" });
      assert.ok(bytes > 0 && bytes <= BUDGET, `${bytes} bytes of at most ${BUDGET}`);
      assert.deepEqual(foreign, []);
      const shift = await page.evaluate(() => window.shift);
      assert.ok(shift < 0.001, `a layout shift of ${shift}`);
      await context.close();
    });

    test(`${kind} can be read without script`, async () => {
      for (const options of [{}, PHONE]) {
        const { page, context } = await open(browser, { javaScriptEnabled: false, ...options });
        await page.goto(site.url + path);
        await page.locator("main h1").waitFor({ state: "visible" });
        const contents = page.locator('a[href="#contents"]');
        if (options === PHONE) await contents.click();
        await page.locator("#contents").getByRole("link", { name: "Core Rust" }).waitFor({ state: "visible" });
        await context.close();
      }
    });
  }

  test("hints, answers and the reasons of a quiz open without script", async () => {
    const { page, context } = await open(browser, { javaScriptEnabled: false });
    await page.goto(`${site.url}01-core-rust/lru-cache.html`);
    const hint = page.locator("details.hint").first();
    await hint.locator("summary").click();
    assert.notEqual(await hint.getAttribute("open"), null);
    await page.goto(`${site.url}01-core-rust/collections/iterators.html`);
    const answer = page.locator(".quiz details").first();
    await answer.locator("summary").click();
    assert.ok((await answer.innerText()).length > 40);
    await context.close();
  });

  test("a page prints what is folded on the screen", async () => {
    const { page, context } = await open(browser);
    await page.goto(`${site.url}01-core-rust/lru-cache.html`);
    const inside = page.locator("details.behaviours li").first();
    await page.emulateMedia({ media: "print" });
    assert.ok(await inside.isVisible());
    assert.ok(!(await page.locator(".top-bar").isVisible()));
    await context.close();
  });

  test("an example is sent to the public playground when Run is pressed, and not before", async () => {
    const { page, context } = await open(browser);
    const sent = [];
    await page.route("https://play.rust-lang.org/**", async (route) => {
      sent.push(route.request().postDataJSON());
      if (sent.length > 1) return route.abort("internetdisconnected");
      return route.fulfill({
        headers: { "access-control-allow-origin": "*" },
        json: { result: "forty-two\n", error: null },
      });
    });
    await page.goto(`${site.url}01-core-rust/ownership/index.html`);
    const block = page.locator(".code-box", { has: page.locator('[data-action="run"]') }).first();
    assert.deepEqual(sent, []);
    await block.locator('[data-action="run"]').click();
    const output = block.locator(".run-output");
    await output.filter({ hasText: "forty-two" }).waitFor();
    const [{ code, edition }] = sent;
    assert.equal(edition, "2024");
    assert.match(code, /fn main/);
    await block.locator('[data-action="run"]').click();
    await output.filter({ hasText: /could not be run/ }).waitFor();
    await context.close();
  });

  test("search finds a term of a lecture, and loads its index only then", async () => {
    const { page, context } = await open(browser);
    const asked = [];
    page.on("request", (request) => asked.push(request.url()));
    await page.goto(`${site.url}index.html`, { waitUntil: "networkidle" });
    assert.deepEqual(asked.filter((url) => /searchindex/.test(url)), []);
    await page.keyboard.press("/");
    await page.keyboard.type("monomorphization");
    await page.getByRole("dialog").getByRole("link").first().waitFor({ state: "visible" });
    assert.ok(asked.some((url) => /searchindex/.test(url)));
    await context.close();
  });

  test("a quiz tells what is right and why, and remembers", async () => {
    const { page, context } = await open(browser);
    await page.goto(`${site.url}01-core-rust/collections/iterators.html`);
    const question = page.locator(".quiz .quiz-question").first();
    await question.locator("input").first().check();
    await question.locator(".quiz-actions button").click();
    const result = question.locator(".quiz-result");
    await result.waitFor({ state: "visible" });
    assert.match(await result.innerText(), /^(Right|Not right)\./);
    assert.ok((await result.innerText()).length > 40, "the reason is told");
    const said = await page.locator('[aria-live="polite"]').allInnerTexts();
    assert.match(said.join(" "), /right\./i);
    await page.reload();
    assert.ok(await question.locator("input").first().isChecked());
    assert.ok(await result.isVisible());
    await context.close();
  });
});
