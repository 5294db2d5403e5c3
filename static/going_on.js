// After the password was asked once more: what had been filled in goes on without another press.

document.querySelector("[data-goes-on]")?.requestSubmit();
