// R8: how many have answered, pushed by the server. The teacher's page gets a number, the
// class's screen gets dots; each shows what it is told, and nothing of who or what.

const place = document.querySelector("[data-live]");
const part = (name) => document.querySelector(`[${name}]`);

if (place) {
  const source = new EventSource(place.dataset.live);
  source.addEventListener("message", ({ data }) => {
    const told = JSON.parse(data);
    if ("n" in told) showNumber(told);
    if ("dots" in told) showDots(told.dots);
    if (!told.open) {
      source.close();
      close();
    }
  });
}

function showNumber({ n, places }) {
  part("data-n").textContent = n;
  part("data-places").textContent = places;
  Object.assign(document.querySelector("progress"), { value: n, max: places });
}

// From four in five on the screen stands still: nobody turns round to look at the last ones.
function showDots(dots) {
  const full = dots ?? 8;
  document.querySelectorAll(".dots i").forEach((dot, index) => {
    dot.classList.toggle("full", index < full);
  });
  part("data-most").hidden = dots !== null;
}

function close() {
  if (place.dataset.closed) location.assign(place.dataset.closed);
  else {
    part("data-while-open").hidden = true;
    part("data-when-closed").hidden = false;
  }
}
