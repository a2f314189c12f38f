// Talks to the server of this machine. Every request carries the token of its run.
import { token } from "./token.js";

/** The version of the site that this page is of. */
export const version = document.querySelector('meta[name="course-version"]')?.content ?? "";

const answered = async (response) => {
  const isJson = (response.headers.get("content-type") ?? "").startsWith("application/json");
  const body = isJson ? await response.json() : null;
  if (!response.ok) throw new Error(body?.error ?? `The server answered with ${response.status}.`);
  return body;
};

/** Asks for something that changes nothing. */
export const get = async (name) =>
  answered(await fetch(`/-/${name}`, { headers: { "X-Course-Token": token() } }));

/** Asks for something to be done. */
export const post = async (name, request = {}) =>
  answered(await fetch(`/-/${name}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Course-Token": token() },
    body: JSON.stringify(request),
  }));

/** How long a stream rests that the server did not want to begin. */
const REST = 2000;

/**
 * Listens to what happens; `handlers` has a function for each name of an event, and `refused` is
 * called with the reason if the server does not know this page. A page without an exercise listens
 * only while it is seen: a browser grants a site few connections at a time.
 */
export const listen = (exercise, handlers, refused) => {
  let source = null;
  const open = () => {
    const query = new URLSearchParams({ token: token() });
    if (exercise) query.set("exercise", exercise);
    source = new EventSource(`/-/events?${query}`);
    source.addEventListener("error", () => ended());
    for (const [name, handle] of Object.entries(handlers)) {
      source.addEventListener(name, (message) => handle(JSON.parse(message.data)));
    }
  };
  const close = () => {
    source?.close();
    source = null;
  };
  // A browser tries again by itself, unless the server refused; it does not tell why.
  const ended = async () => {
    if (source?.readyState !== EventSource.CLOSED) return;
    close();
    const answer = await fetch("/-/state", { headers: { "X-Course-Token": token() } }).catch(() => null);
    if (answer?.status === 403) refused((await answer.json()).error);
    else setTimeout(follow, REST);
  };
  const follow = () => {
    if (document.visibilityState === "hidden" && !exercise) close();
    else if (!source) open();
  };
  document.addEventListener("visibilitychange", follow);
  addEventListener("pagehide", close);
  addEventListener("pageshow", follow);
  follow();
};
