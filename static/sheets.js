// All cards of a school in one page: it grows class by class, and the bar tells how far it is.

const bar = document.querySelector("[data-sheets]");

function count() {
  if (bar) bar.value = document.querySelectorAll(".cards-of").length;
}

const growing = new MutationObserver(count);
growing.observe(document.documentElement, { childList: true, subtree: true });
addEventListener("DOMContentLoaded", () => {
  growing.disconnect();
  document.querySelector("[data-growing]").hidden = true;
});
