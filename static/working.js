// A form that takes a while says so, and is sent once. Coming back by "back" finds it at rest.

for (const form of document.querySelectorAll("form[data-working]")) {
  const bar = form.querySelector(".working");
  form.addEventListener("submit", (event) => {
    if (event.submitter?.name === "language") return;
    bar.hidden = false;
    for (const button of form.querySelectorAll("button")) button.disabled = true;
  });
  addEventListener("pageshow", () => {
    bar.hidden = true;
    for (const button of form.querySelectorAll("button")) button.disabled = false;
  });
}
