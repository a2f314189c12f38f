// Makes a page live: connects it with the server, and hands what the server tells to its parts.
import { listen } from "./api.js";
import { ExercisePage } from "./exercise.js";
import { showContinue, showMap } from "./map.js";
import { notify } from "./notice.js";
import { showProgress } from "./progress.js";
import { runHere } from "./run.js";
import { showTicks } from "./sidebar.js";
import { onRefused, onSite } from "./site.js";
import { onToken } from "./token.js";

runHere();
const card = document.querySelector(".exercise-card[data-exercise]");
const page = card ? new ExercisePage(card) : null;

listen(page?.id, {
  site: onSite,
  state: (state) => {
    showTicks(state);
    showMap(state);
    showContinue(state);
    page?.stand(state);
    showProgress(state).catch((fault) => notify(fault.message));
    document.documentElement.dataset.live = "connected";
  },
  check: (event) => page?.onCheck(event),
}, onRefused);

// The server was started again, and another page of this browser came in.
onToken(() => location.reload());
