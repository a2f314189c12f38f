// A malicious page, open in the same browser, can neither run code nor read what the server knows.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { launch, open } from "./support/browser.mjs";
import { Course } from "./support/course.mjs";
import { serveFolder } from "./support/files.mjs";

describe("a malicious page", () => {
  let course;
  let browser;
  let folder;
  let stranger;
  let page;

  before(async () => {
    course = new Course();
    await course.serve();
    folder = mkdtempSync(join(tmpdir(), "stranger-"));
    writeFileSync(join(folder, "index.html"), "<!DOCTYPE html><title>stranger</title><h1>stranger</h1>");
    stranger = await serveFolder(folder);
    browser = await launch();
    let context;
    ({ page, context } = await open(browser));
    // The learner's own browser: it has the cookie, and sends it to every port of this machine.
    const own = await context.newPage();
    await own.goto(course.entrance);
    await own.waitForSelector('html[data-live="connected"]');
    await page.goto(stranger.url);
  });

  after(async () => {
    await browser?.close();
    stranger?.close();
    await course?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What a script of the page gets when it asks the course's server. */
  const ask = (path, options) =>
    page.evaluate(
      async ({ url, init }) => {
        try {
          const answer = await fetch(url, { credentials: "include", ...init });
          return { type: answer.type, status: answer.status, text: await answer.text() };
        } catch (error) {
          return { error: String(error) };
        }
      },
      { url: course.url + path, init: options },
    );

  test("has no token of its origin, nor the cookie in reach of its scripts", async () => {
    assert.deepEqual(
      await page.evaluate(() => ({ token: localStorage.getItem("course-token"), cookies: document.cookie })),
      { token: null, cookies: "" },
    );
  });

  test("reads no page", async () => {
    assert.match((await ask("index.html")).error, /Failed to fetch/);
  });

  test("reads no state", async () => {
    assert.match((await ask("-/state")).error, /Failed to fetch/);
  });

  test("starts nothing with a request that needs no permission", async () => {
    // A run answers when the program has ended, so that its trace would be there by then.
    const trace = join(folder, "trace");
    const code = `fn main() { std::fs::write(${JSON.stringify(trace)}, "").unwrap(); }`;
    const body = JSON.stringify({ code, edition: "2024" });
    for (const type of ["text/plain", "application/x-www-form-urlencoded"]) {
      const init = { method: "POST", mode: "no-cors", body, headers: { "content-type": type } };
      assert.match((await ask("-/run", init)).error, /Failed to fetch/);
    }
    assert.ok(!existsSync(trace));
  });

  test("gets no permission to send a token", async () => {
    const init = {
      method: "POST",
      body: "{}",
      headers: { "content-type": "application/json", "x-course-token": "0".repeat(32) },
    };
    for (const path of ["-/run", "-/check", "-/open", "-/solution"]) {
      assert.match((await ask(path, init)).error, /Failed to fetch/, path);
    }
  });

  test("hears no events", async () => {
    const heard = await page.evaluate(
      (url) =>
        new Promise((resolve) => {
          const events = new EventSource(url);
          events.onerror = () => { events.close(); resolve("error"); };
          for (const name of ["site", "state", "check"]) {
            events.addEventListener(name, () => { events.close(); resolve(name); });
          }
        }),
      `${course.url}-/events`,
    );
    assert.equal(heard, "error");
  });

  test("cannot put the book into a frame and look in", async () => {
    const seen = await page.evaluate(
      (url) =>
        new Promise((resolve) => {
          const frame = document.createElement("iframe");
          frame.addEventListener("load", () => {
            try {
              resolve(frame.contentDocument ? frame.contentDocument.body.innerText : "nothing");
            } catch {
              resolve("nothing");
            }
          });
          frame.src = url;
          document.body.append(frame);
        }),
      course.url,
    );
    assert.doesNotMatch(seen, /Systems in Rust/);
  });
});
