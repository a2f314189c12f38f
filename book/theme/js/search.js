// Search. The engine and the index that mdBook writes are loaded when search is first opened.
"use strict";
(() => {
  const { searchIndex, searchEngine } = document.body.dataset;
  const opener = document.querySelector('[data-action="search"]');
  if (!searchIndex || !opener) return;
  const { element } = course;
  let ready = null;
  let dialog = null;

  const script = (src) =>
    new Promise((done, failed) => {
      document.head.append(element("script", { src, onload: done, onerror: failed }));
    });

  const load = () => {
    ready ??= (async () => {
      window.search = {};
      await Promise.all([script(searchEngine), script(searchIndex)]);
      const { index, doc_urls: urls, search_options: options, results_options: limits } = window.search;
      return { index: window.elasticlunr.Index.load(index), urls, options, limits };
    })().catch((fault) => {
      ready = null;
      throw fault;
    });
    return ready;
  };

  const words = (query) => query.toLowerCase().split(/[\s-]+/).filter(Boolean);

  /** The part of a text in which most of the words lie close together, with them marked. */
  const excerpt = (body, terms, length) => {
    const parts = body.split(/\s+/);
    const hits = parts.map((part) => {
      const lower = part.toLowerCase().replace(/^[^\p{L}\p{N}]+/u, "");
      return terms.some((term) => lower.startsWith(term));
    });
    let best = 0;
    let most = -1;
    let inside = 0;
    hits.forEach((hit, end) => {
      inside += Number(hit) - Number(end >= length && hits[end - length]);
      if (inside > most) {
        most = inside;
        best = Math.max(0, end - length + 1);
      }
    });
    const start = Math.max(0, Math.min(best, hits.indexOf(true, best) - 6));
    const text = element("p", { class: "excerpt" });
    if (start > 0) text.append("… ");
    for (let at = start; at < Math.min(parts.length, start + length); at += 1) {
      text.append(hits[at] ? element("mark", {}, parts[at]) : parts[at], " ");
    }
    if (start + length < parts.length) text.append("…");
    return text;
  };

  const show = async (query, list, count) => {
    const terms = words(query);
    if (terms.length === 0) {
      list.replaceChildren();
      count.textContent = "";
      return;
    }
    const { index, urls, options, limits } = await load();
    const found = index.search(query, options).slice(0, limits.limit_results);
    const root = document.documentElement.dataset.root;
    list.replaceChildren(...found.map(({ ref, doc }) => {
      const [page, hash] = urls[ref].split("#");
      const anchor = hash === undefined ? "" : `#${hash}`;
      const link = element("a", { href: `${root}${page}${anchor}` }, doc.breadcrumbs);
      return element("li", {}, link, excerpt(doc.body, terms, limits.teaser_word_count));
    }));
    count.textContent = found.length === 0
      ? `Nothing was found for “${query.trim()}”.`
      : `${found.length} ${found.length === 1 ? "section" : "sections"}`;
  };

  const build = () => {
    const field = element("input", {
      type: "search", placeholder: "Search the book", "aria-label": "Search the book",
      autocomplete: "off", spellcheck: "false", enterkeyhint: "search",
    });
    const count = element("p", { class: "search-count", role: "status" });
    const list = element("ol", { class: "search-results" });
    const close = element("button", { type: "button", class: "button" }, "Close");
    const form = element("form", { class: "search-form", role: "search" }, field, close);
    dialog = element("dialog", { class: "dialog search-dialog", "aria-label": "Search" }, form, count, list);
    let waiting = 0;
    const update = () => show(field.value, list, count).catch(() => {
      count.textContent = "The search index could not be loaded.";
    });
    field.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(update, 60);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      list.querySelector("a")?.click();
    });
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog || event.target.closest("a")) dialog.close();
    });
    dialog.addEventListener("keydown", (event) => {
      const links = [field, ...list.querySelectorAll("a")];
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const at = links.indexOf(document.activeElement);
      links[Math.min(links.length - 1, Math.max(0, at + step))].focus();
    });
    document.body.append(dialog);
  };

  const open = () => {
    if (!dialog) build();
    dialog.showModal();
    dialog.querySelector("input").select();
    load().catch(() => {
      dialog.querySelector(".search-count").textContent = "The search index could not be loaded.";
    });
  };

  opener.addEventListener("click", open);
  course.onKey("/", "search", open);
  course.onKey("s", "search", open);
})();
