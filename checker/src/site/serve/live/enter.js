// Takes the token over from the page that a key opened, and goes on to the book.
import { keep } from "./token.js";

const { content } = document.querySelector('meta[name="course-token"]') ?? {};
if (content) keep(content);
location.replace("/");
