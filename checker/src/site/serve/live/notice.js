// Notices at the lower edge of the page.
const { element } = window.course;

const place = element("div", { class: "notices", "data-live": "notices" });
document.body.append(place);

/** Says that something did not work, until it is closed or eight seconds are over. */
export const notify = (text) => {
  const close = element("button", { type: "button", class: "notice-close", "aria-label": "Close" }, "×");
  const notice = element("div", { class: "notice", role: "alert" }, element("p", {}, text), close);
  close.addEventListener("click", () => notice.remove());
  setTimeout(() => notice.remove(), 8000);
  place.append(notice);
};

/** Runs what a button asks for; the button rests meanwhile, and a failure is told. */
export const act = async (button, work) => {
  button.disabled = true;
  try {
    return await work();
  } catch (fault) {
    notify(fault.message);
    return null;
  } finally {
    button.disabled = false;
  }
};
