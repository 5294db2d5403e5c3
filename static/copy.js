// "Copy" beside a link. Without a script, or without a clipboard, the link can be selected.

for (const button of document.querySelectorAll("[data-copy]")) {
  const link = document.getElementById(button.dataset.copy);
  link.addEventListener("focus", () => link.select());
  button.hidden = false;
  button.addEventListener("click", async () => {
    await copy(link);
    const said = button.firstChild.textContent;
    button.firstChild.textContent = button.dataset.copied;
    setTimeout(() => (button.firstChild.textContent = said), 2000);
  });
}

// The clipboard exists only over TLS; a demo in the local network has none.
async function copy(link) {
  if (navigator.clipboard) return navigator.clipboard.writeText(link.value);
  link.select();
  document.execCommand("copy");
}
