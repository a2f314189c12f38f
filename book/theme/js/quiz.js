// Checks the answers of quizzes against the reasons that stand below each question, and keeps what
// was picked in this browser.
"use strict";
(() => {
  const { announce, element, keep } = course;

  const load = (name) => {
    try {
      const kept = JSON.parse(localStorage.getItem(name));
      return kept !== null && typeof kept === "object" ? kept : {};
    } catch {
      return {}; // Storage may be forbidden, or hold something else.
    }
  };

  /** One question: `changed` is told what was picked and whether it is right, or null. */
  const wire = (box, changed) => {
    const inputs = [...box.querySelectorAll(".quiz-answer input")];
    const reasons = new Map(
      [...box.querySelectorAll(".quiz-key .quiz-why")].map((why) => [why.dataset.answer, why]),
    );
    const isRight = (letter) => "right" in reasons.get(letter).dataset;
    const several = inputs[0].type === "checkbox";
    const actions = box.querySelector(".quiz-actions");
    const button = actions.querySelector("button");
    const picked = () => inputs.filter((input) => input.checked).map((input) => input.value);
    let result = null;

    const clear = () => {
      result?.remove();
      result = null;
    };

    /** What was picked, in a word and in a sentence. */
    const verdict = (letters) => {
      const wrong = letters.filter((letter) => !isRight(letter));
      const missing = inputs.filter(({ value, checked }) => isRight(value) && !checked);
      if (wrong.length === 0 && missing.length === 0) return ["right", "Right."];
      if (wrong.length > 0) {
        return ["wrong", several ? `Not right: ${wrong.join(", ")}.` : "Not right."];
      }
      const count = missing.length === 1 ? "One more answer is" : `${missing.length} more answers are`;
      return ["partly", `Right so far. ${count} right.`];
    };

    const show = (letters) => {
      clear();
      const [kind, sentence] = verdict(letters);
      result = element("div", { class: `quiz-result ${kind}` }, element("p", {}, sentence));
      for (const letter of letters) {
        const why = reasons.get(letter).cloneNode(true);
        if (!several) why.querySelector(".quiz-verdict").remove();
        result.append(why);
      }
      actions.after(result);
      return [kind === "right", sentence];
    };

    button.hidden = false;
    button.addEventListener("click", () => {
      const letters = picked();
      if (letters.length === 0) {
        announce("Pick an answer first.");
        inputs[0].focus();
        return;
      }
      const [right, sentence] = show(letters);
      const why = [...result.querySelectorAll(".quiz-why > :not(.quiz-verdict)")];
      announce([sentence, ...why.map((part) => part.textContent.trim())].join(" "));
      changed({ picked: letters, right });
    });
    for (const input of inputs) input.addEventListener("change", clear);

    return {
      restore({ picked: letters }) {
        for (const input of inputs) input.checked = letters.includes(input.value);
        return show(letters)[0];
      },
      reset() {
        for (const input of inputs) input.checked = false;
        clear();
      },
      knows: (letters) =>
        Array.isArray(letters) && letters.length > 0 && letters.every((letter) => reasons.has(letter)),
    };
  };

  for (const quiz of document.querySelectorAll("section.quiz")) {
    const name = `course-${quiz.id}`;
    const kept = load(name);
    const boxes = [...quiz.querySelectorAll(".quiz-question")];
    const count = element("span");
    const again = element("button", { type: "button", class: "button" }, "Start over");
    const sum = element("p", { class: "quiz-sum", hidden: true }, count, again);
    // A question is known by its wording, so that a new one begins anew.
    const results = {};

    const update = () => {
      const all = Object.values(results);
      const right = all.filter((result) => result.right).length;
      sum.hidden = all.length === 0;
      count.textContent = `${all.length} of ${boxes.length} answered, ${right} right.`;
      keep(name, all.length === 0 ? null : JSON.stringify(results));
    };

    const questions = boxes.map((box) => {
      const id = box.dataset.question;
      const question = wire(box, (result) => {
        results[id] = result;
        update();
      });
      if (question.knows(kept[id]?.picked)) {
        results[id] = { picked: kept[id].picked, right: question.restore(kept[id]) };
      }
      return question;
    });

    again.addEventListener("click", () => {
      for (const question of questions) question.reset();
      for (const id of Object.keys(results)) delete results[id];
      update();
      announce("The quiz starts over.");
      quiz.querySelector(".quiz-answer input").focus();
    });

    quiz.append(sum);
    update();
  }
})();
