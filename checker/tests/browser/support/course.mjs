// A learner's folder in a temporary place, and the checker that serves it.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

export const repository = realpathSync(join(import.meta.dirname, "../../../.."));

const checker = process.env.CHECKER ?? join(repository, "target/debug/checker");

const EXERCISE = "exercises/01-core-rust/lru-cache";
const SOLUTION = "solutions/01-core-rust/lru-cache";

export class Course {
  constructor() {
    this.dir = join(mkdtempSync(join(realpathSync(tmpdir()), "course-")), "learner");
    execFileSync(checker, ["init", this.dir], { cwd: repository, stdio: "pipe" });
  }

  /** Where a file of the exercise is. */
  file(path) {
    return join(this.dir, EXERCISE, path);
  }

  /** Puts the reference in place of the learner's files. */
  solve() {
    cpSync(join(repository, SOLUTION, "src"), this.file("src"), { recursive: true });
  }

  /** Saves a change of a file, and returns what it held. */
  edit(path, change) {
    const file = this.file(path);
    const before = readFileSync(file, "utf8");
    const after = change(before);
    if (after === before) throw new Error(`nothing changed in ${path}`);
    writeFileSync(file, after);
    return before;
  }

  /** Checks a phase in the terminal. */
  check(phase) {
    spawnSync(checker, ["--course", this.dir, "check", "lru-cache", "--phase", String(phase)], { stdio: "pipe" });
  }

  /** What the checker says of the progress. */
  progress() {
    const text = execFileSync(checker, ["--course", this.dir, "progress", "--json"], { stdio: "pipe" });
    return JSON.parse(text);
  }

  /** Puts lines before the history of what happened. */
  remember(lines) {
    const file = join(this.dir, ".course/history.jsonl");
    writeFileSync(file, `${lines.join("\n")}\n${readFileSync(file, "utf8")}`);
  }

  /** What the editor was started with, once it was. It notes its arguments and ends. */
  async opened() {
    const deadline = Date.now() + 240_000;
    while (!existsSync(this.notes)) {
      if (Date.now() > deadline) throw new Error("no editor was started");
      await new Promise((resolve) => { setTimeout(resolve, 20); });
    }
    return readFileSync(this.notes, "utf8").trimEnd().split("\n");
  }

  /**
   * Starts `checker serve`, and waits until it tells its address. `entrance` has the key that
   * admits one browser, `url` is where everybody reads the book.
   */
  async serve(port = 0) {
    // Named like an editor that has a window; it appears complete, or not at all.
    this.notes = join(this.dir, "../opened");
    const editor = join(this.dir, "../gedit");
    const note = `printf '%s\\n' "$@" > "${this.notes}.draft" && mv "${this.notes}.draft" "${this.notes}"`;
    writeFileSync(editor, `#!/bin/sh\n${note}\n`, { mode: 0o755 });
    this.server = spawn(checker, ["--course", this.dir, "serve", "--no-open", "--port", String(port)], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, VISUAL: editor },
    });
    for await (const line of createInterface({ input: this.server.stdout })) {
      const found = /(http:\/\/127\.0\.0\.1:\d+\/)\?key=\w+/.exec(line);
      if (found) {
        this.server.stdout.resume();
        [this.entrance, this.url] = found;
        return;
      }
    }
    throw new Error("the server ended before it told its address");
  }

  /** Ends the server, and starts it again on its port. */
  async restart() {
    await this.end();
    await this.serve(new URL(this.url).port);
  }

  async end() {
    if (this.server && this.server.exitCode === null) {
      const ended = new Promise((resolve) => { this.server.once("exit", resolve); });
      this.server.kill("SIGINT");
      await ended;
    }
  }

  async close() {
    await this.end();
    rmSync(join(this.dir, ".."), { recursive: true, force: true });
  }
}

/** Builds the site as it is published. */
export const build = (flags = []) => {
  const dir = join(mkdtempSync(join(realpathSync(tmpdir()), "site-")), "site");
  execFileSync(checker, ["build", "--out", dir, ...flags], { cwd: repository, stdio: "pipe" });
  return dir;
};
