// Draws the charts of a page with Plotly, once the page stands and a chart comes into view.
// The drawing and the table that stand in each figure stay, for print and for screen readers;
// where Plotly does not come, they are the chart.

const dark = matchMedia("(prefers-color-scheme: dark)");
let library;

// Safari knows no idle moments; Chromium, once it rests, may wait for one without end.
function whenIdle(task) {
  if (window.requestIdleCallback) {
    requestIdleCallback(task, { timeout: 500 });
  } else {
    setTimeout(task);
  }
}

function load(tag, attributes) {
  return new Promise((resolve, reject) => {
    const element = Object.assign(document.createElement(tag), attributes);
    element.addEventListener("load", resolve);
    element.addEventListener("error", reject);
    document.head.append(element);
  });
}

// When it starts, Plotly looks for a sheet with these two names and for an element with the id of
// its maps' styles. Where it finds them, it writes no styles of its own into the page.
async function plotly({ chart: script, style }) {
  await load("link", {
    id: "plotly.js-style-global",
    className: "no-inline-styles",
    rel: "stylesheet",
    href: style,
  });
  const maps = getComputedStyle(document.documentElement).getPropertyValue("--plotly-maps");
  await load("script", { src: script, id: maps.replaceAll('"', "") });
  return window.Plotly;
}

// A copy in which every custom property of the style sheet has become its colour.
function coloured(value, style) {
  if (typeof value === "string") {
    return value.replace(/^var\((--[\w-]+)\)$/, (_, name) => style.getPropertyValue(name).trim());
  }
  if (Array.isArray(value)) {
    return value.map((one) => coloured(one, style));
  }
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [key, coloured(one, style)]),
    );
  }
  return value;
}

async function draw(figure) {
  const { data, layout, config } = JSON.parse(figure.querySelector("script").textContent);
  library ??= plotly(figure.dataset);
  const { react } = await library;
  const plot = document.createElement("div");
  plot.className = "plot";
  plot.setAttribute("aria-hidden", "true");
  figure.querySelector(".drawing").before(plot);
  figure.classList.add("drawn");
  const paint = () => {
    const style = getComputedStyle(figure);
    const themed = coloured(layout, style);
    themed.font.family = style.fontFamily;
    return react(plot, coloured(data, style), themed, config);
  };
  dark.addEventListener("change", paint);
  await paint();
}

const inView = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) {
        inView.unobserve(target);
        whenIdle(() => draw(target));
      }
    }
  },
  { rootMargin: "50%" },
);

for (const figure of document.querySelectorAll("figure[data-chart]")) {
  inView.observe(figure);
}
