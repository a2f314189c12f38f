// A learner's folder in a temporary place, and the checker that serves it.
import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
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

  /** What the checker says of the progress. */
  progress() {
    const text = execFileSync(checker, ["--course", this.dir, "progress", "--json"], { stdio: "pipe" });
    return JSON.parse(text);
  }

  /** Starts `checker serve`, and waits until it tells its address. */
  async serve() {
    this.server = spawn(checker, ["--course", this.dir, "serve", "--no-open", "--port", "0"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    for await (const line of createInterface({ input: this.server.stdout })) {
      const found = /(http:\/\/127\.0\.0\.1:\d+\/)/.exec(line);
      if (found) {
        this.server.stdout.resume();
        this.url = found[1];
        return this.url;
      }
    }
    throw new Error("the server ended before it told its address");
  }

  async close() {
    if (this.server && this.server.exitCode === null) {
      const ended = new Promise((resolve) => { this.server.once("exit", resolve); });
      this.server.kill("SIGINT");
      await ended;
    }
    rmSync(join(this.dir, ".."), { recursive: true, force: true });
  }
}

/** Builds the site as it is published. */
export const build = (flags = []) => {
  const dir = join(mkdtempSync(join(realpathSync(tmpdir()), "site-")), "site");
  execFileSync(checker, ["build", "--out", dir, ...flags], { cwd: repository, stdio: "pipe" });
  return dir;
};
