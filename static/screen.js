// The class's screen: the whole screen at a press, and no sleeping while the QR is shown.

const button = document.querySelector("[data-fullscreen]");

if (document.fullscreenEnabled) {
  button.hidden = false;
  button.addEventListener("click", () => document.documentElement.requestFullscreen());
  document.addEventListener("fullscreenchange", () => {
    button.hidden = document.fullscreenElement !== null;
  });
}

const stayAwake = () => navigator.wakeLock?.request("screen").catch(() => {});
document.addEventListener("visibilitychange", () => !document.hidden && stayAwake());
stayAwake();
