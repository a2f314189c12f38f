// Talks to the server of this machine. Every request carries the token of this run.
const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? "";

const token = meta("course-token");

/** The version of the site that this page is of. */
export const version = meta("course-version");

const answered = async (response) => {
  const isJson = (response.headers.get("content-type") ?? "").startsWith("application/json");
  const body = isJson ? await response.json() : null;
  if (!response.ok) throw new Error(body?.error ?? `The server answered with ${response.status}.`);
  return body;
};

/** Asks for something that changes nothing. */
export const get = async (name) =>
  answered(await fetch(`/-/${name}`, { headers: { "X-Course-Token": token } }));

/** Asks for something to be done. */
export const post = async (name, request = {}) =>
  answered(await fetch(`/-/${name}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Course-Token": token },
    body: JSON.stringify(request),
  }));

/**
 * Listens to what happens; `handlers` has a function for each name of an event. A page without an
 * exercise listens only while it is seen: a browser grants a site few connections at a time.
 */
export const listen = (exercise, handlers) => {
  const query = new URLSearchParams({ token });
  if (exercise) query.set("exercise", exercise);
  let source = null;
  const open = () => {
    source = new EventSource(`/-/events?${query}`);
    for (const [name, handle] of Object.entries(handlers)) {
      source.addEventListener(name, (message) => handle(JSON.parse(message.data)));
    }
  };
  const close = () => {
    source?.close();
    source = null;
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
