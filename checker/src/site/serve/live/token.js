// The token of the server's run. The browser keeps it for this origin alone, port included.
const NAME = "course-token";

/** Keeps the token that a key brought. */
export const keep = (token) => {
  try {
    localStorage.setItem(NAME, token);
  } catch {
    // A browser that keeps nothing shows the book alone, and says how to come further.
  }
};

/** The token, empty if there is none. */
export const token = () => {
  try {
    return localStorage.getItem(NAME) ?? "";
  } catch {
    return "";
  }
};

/** Calls `then` when another page of this browser brought a token. */
export const onToken = (then) => {
  addEventListener("storage", ({ key, newValue }) => {
    if (key === NAME && newValue) then();
  });
};
