// The buttons of code blocks: copy, show hidden lines, run.
"use strict";
(() => {
  const { element } = course;

  /** Runs a program on the public playground. The live script puts the local toolchain here. */
  course.run = async (code, edition) => {
    const request = {
      version: "stable", optimize: "0", code, edition,
      ...(code.includes("#![feature") ? { version: "nightly" } : {}),
    };
    const answer = await fetch("https://play.rust-lang.org/evaluate.json", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(request),
      referrerPolicy: "no-referrer",
    });
    if (!answer.ok) throw new Error(`The playground answered with ${answer.status}.`);
    return answer.json();
  };
  course.runPlace = "play.rust-lang.org";

  const visible = (code) => {
    const clone = code.cloneNode(true);
    if (!code.classList.contains("shows-hidden")) {
      for (const hidden of clone.querySelectorAll(".boring")) hidden.remove();
    }
    return clone.textContent;
  };

  const copy = (code) => {
    const button = element("button", { type: "button", "data-action": "copy" }, "Copy");
    button.addEventListener("click", async () => {
      const text = code.classList.contains("language-console")
        ? visible(code).split("\n").filter((line) => line.startsWith("$ "))
            .map((line) => line.slice(2)).join("\n") || visible(code)
        : visible(code);
      try {
        await navigator.clipboard.writeText(text);
        button.textContent = "Copied";
        course.announce("Copied");
      } catch {
        button.textContent = "Cannot copy";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
    return button;
  };

  const unfold = (code) => {
    const button = element(
      "button", { type: "button", "data-action": "hidden-lines", "aria-pressed": "false" }, "Hidden lines",
    );
    button.addEventListener("click", () => {
      const shown = code.classList.toggle("shows-hidden");
      button.setAttribute("aria-pressed", String(shown));
    });
    return button;
  };

  const run = (pre, code) => {
    const button = element("button", { type: "button", "data-action": "run" }, "Run");
    let output = null;
    button.addEventListener("click", async () => {
      output ??= pre.parentElement.appendChild(
        element("pre", { class: "run-output", tabindex: "0", role: "group", "aria-label": "Output" }),
      );
      output.classList.remove("failed");
      output.textContent = `Running on ${course.runPlace} …`;
      button.disabled = true;
      const edition = /\bedition(\d{4})\b/.exec(code.className)?.[1] ?? "2024";
      try {
        const { result, error } = await course.run(code.textContent, edition);
        const text = result || error || "";
        output.classList.toggle("failed", Boolean(error));
        output.textContent = text.trim() === "" ? "It ran and printed nothing." : text;
        course.announce(error ? "The program failed" : "The program ran");
      } catch (fault) {
        output.classList.add("failed");
        output.textContent = `It could not be run: ${fault.message}`;
      } finally {
        button.disabled = false;
      }
    });
    return button;
  };

  /** Gives a block its *Run* button, unless it has one. */
  const addRun = (pre) => {
    const bar = pre.parentElement.querySelector(".code-buttons");
    if (bar && !bar.querySelector('[data-action="run"]')) {
      bar.prepend(run(pre, pre.querySelector("code")));
    }
  };

  const mayRun = (code) =>
    !["no_run", "compile_fail", "ignore"].some((word) => code.classList.contains(word));

  for (const code of document.querySelectorAll("main pre > code")) {
    const pre = code.parentElement;
    const bar = element("div", { class: "code-buttons" });
    const box = element("div", { class: "code-box" });
    pre.replaceWith(box);
    box.append(pre, bar);
    if (code.querySelector(".boring")) bar.append(unfold(code));
    bar.append(copy(code));
    if (pre.classList.contains("playground") && mayRun(code)) {
      pre.dataset.runnable = "";
      // A block with the course's own crates runs only where these are.
      if (pre.dataset.run !== "local") addRun(pre);
    }
  }

  // What scrolls sideways can be reached with the keyboard. All is measured before anything is
  // changed, so that the page is laid out once.
  const wide = [...document.querySelectorAll("main :is(pre, figure, .table-wrapper)")]
    .filter((part) => part.scrollWidth > part.clientWidth);
  for (const part of wide) part.tabIndex = 0;

  course.addRun = addRun;
})();
