// Keeps an open page up to date: reloads it when the book was rebuilt, and says so when it cannot
// be built.
const version = document.querySelector('meta[name="course-version"]').content;
const token = document.querySelector('meta[name="course-token"]').content;
const banner = document.createElement("pre");
banner.setAttribute("role", "alert");
banner.className = "build-fault";
Object.assign(banner.style, {
  position: "fixed", insetInline: "0", bottom: "0", zIndex: "1000", margin: "0",
  maxHeight: "40vh", overflow: "auto", padding: "1em 1.5em", whiteSpace: "pre-wrap",
  font: "14px/1.5 ui-monospace, monospace", color: "#fff", background: "#8c1d18",
});
const events = new EventSource(`/-/events?token=${token}`);
events.addEventListener("site", (message) => {
  const site = JSON.parse(message.data);
  if (site.fault) {
    banner.textContent = "The book cannot be built. This is the last good version.\n\n" + site.fault;
    document.body.append(banner);
  } else if ((site.version ?? "") !== version) {
    location.reload();
  } else {
    banner.remove();
  }
});
