// The students' pages: one question at a time, and answers that arrive over a bad connection.
// All of it works without this script, which finds its words in the page.

const DAY = 24 * 3600 * 1000;
const PAUSES = globalThis.retryPauses ?? [1000, 2000, 4000, 8000, 15000, 30000, 60000];
const FINAL = new Set(["counted", "used", "closed", "problems"]);
const PENCIL = 500; // milliseconds: long enough to see the box being filled
const CLOSED = 1024; // bytes that all boxes of a form fit in
const TEXT = 2560; // 280 of the widest signs, written as forms write them
const IMPATIENT = 1200; // when to say that sending takes long

const local = storage("localStorage");
const session = storage("sessionStorage");
const find = (selector) => document.querySelector(selector);
const form = find("#answers");
const state = find("#state");

// Where the browser keeps nothing for us, this page's memory does.
function storage(name) {
  try {
    const found = globalThis[name];
    found.probe = "";
    delete found.probe;
    return found;
  } catch {
    return {};
  }
}

// Unsent: answers that were sent and not yet acknowledged. They are kept until they arrive, never
// shown again, and thrown away after a day.

function unsent() {
  return Object.keys(local).filter((key) => key.startsWith("unsent:"));
}

function keep(key, code, body) {
  local[key] = JSON.stringify({ code, body, since: Date.now() });
}

// Sends until it is settled; the same answer twice counts once, so a lost reply does no harm.
async function deliver(key, report = () => {}) {
  for (let attempt = 0; local[key]; attempt++) {
    const { code, body, since } = JSON.parse(local[key]);
    const outcome = Date.now() - since > DAY ? "expired" : await post(code, body);
    if (outcome === "expired" || FINAL.has(outcome)) {
      delete local[key];
      return outcome;
    }
    report(outcome === "full" ? "full" : "waiting");
    await pause(PAUSES[Math.min(attempt, PAUSES.length - 1)]);
  }
  return "settled"; // by another tab, which knows how
}

async function post(code, body) {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), 30000);
  try {
    const response = await fetch(`/${code}`, {
      method: "POST",
      headers: { Accept: "application/json", "Content-Type": "application/x-www-form-urlencoded" },
      body,
      keepalive: true,
      signal: patience.signal,
    });
    return response.status === 404 ? "closed" : (await response.json()).outcome;
  } catch {
    return "waiting"; // no connection, or a page of somebody else's, as hotspots send
  } finally {
    clearTimeout(timer);
  }
}

function pause(milliseconds) {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds * (0.75 + Math.random() / 2));
    addEventListener("online", resolve, { once: true });
  });
}

if (form) answering(form);
else resume();

// On a page without questions: what is still unsent goes on being sent.
async function resume() {
  const waiting = unsent();
  if (!waiting.length) return;
  state.textContent = state.dataset.unsent;
  const outcomes = await Promise.all(waiting.map((key) => deliver(key)));
  const allSent = outcomes.every((outcome) => outcome === "counted");
  state.textContent = allSent ? state.dataset.sent : "";
}

function answering(form) {
  const { code } = form.dataset;
  const draft = `draft:${code}`;
  const steps = [...form.querySelectorAll(".step")];
  const last = steps.length - 1;
  const items = steps.slice(1, last);
  const heading = find("h1");
  const next = find("#next");
  const aloud = find("#aloud");
  let at = 0;
  let tapped = false;
  let reading = false;

  document.documentElement.classList.add("js");
  find("#how").hidden = find("#choices").hidden = false;
  find("#dots").append(...items.map(() => document.createElement("i")));
  find("#start").onclick = () => go(1);
  find("#back").onclick = () => history.back();
  next.onclick = onward;
  for (const link of document.querySelectorAll("a.next")) link.onclick = nextStudent;

  form.addEventListener("input", changed);
  form.addEventListener("change", chosen);
  form.addEventListener("submit", send);
  addEventListener("pointerdown", () => (tapped = true));
  addEventListener("keydown", (event) => {
    tapped = false;
    if (event.key === "Enter" && event.target.type === "radio") onward();
  });
  addEventListener("popstate", () => form.isConnected && show(stepNow()));
  readAloud();
  begin();

  function begin() {
    const another = session.another === code;
    delete session.another;
    const waiting = unsent();
    const mine = waiting.filter((key) => JSON.parse(local[key]).code === code);
    const own = another ? undefined : mine.pop();
    for (const key of waiting) {
      if (key === own) deliver(key, end).then(end);
      else deliver(key);
    }
    if (own) return end("waiting");
    restore();
    const wrong = steps.findIndex((step) => step.querySelector(".problem"));
    if (wrong > 0) show(wrong, false);
    else show(find(".notice") ? last : stepNow(), false);
  }

  // Steps

  function stepNow() {
    return Math.min(history.state?.step ?? 0, last);
  }

  function go(step, reviewing = false) {
    find(".notice")?.remove();
    history.pushState({ step, reviewing }, "");
    show(step);
  }

  function onward() {
    if (at < last) go(history.state?.reviewing ? last : at + 1);
  }

  function show(step, focus = true) {
    at = step;
    steps.forEach((section, index) => (section.hidden = index !== at));
    heading.classList.toggle("unseen", at !== 0);
    find("#start").hidden = at !== 0;
    find("#dots").hidden = find("#back").hidden = at === 0;
    next.hidden = at === 0 || at === last;
    find("#send").hidden = at !== last;
    if (at === last) review();
    changed();
    readOn();
    if (!focus) return;
    scrollTo(0, 0);
    const here = at === 0 ? heading : steps[at].querySelector("h2");
    here.focus({ preventScroll: true });
  }

  function changed() {
    session[draft] = new URLSearchParams(filled());
    next.textContent = answer(steps[at]) ? next.dataset.next : next.dataset.skip;
    [...find("#dots").children].forEach((dot, index) => {
      dot.classList.toggle("full", Boolean(answer(items[index])));
      dot.classList.toggle("here", index === at - 1);
    });
    for (const none of form.querySelectorAll(".none")) {
      none.classList.toggle("offered", Boolean(answer(none.closest(".step"))));
    }
  }

  // A tap fills the box and leads on; whoever chooses with keys goes on by a key.
  function chosen(event) {
    const here = at;
    if (!tapped || event.target.type !== "radio") return;
    setTimeout(() => at === here && onward(), PENCIL);
  }

  // What was filled in

  function filled() {
    const typed = (name) => form.elements.namedItem(name).type !== "hidden";
    return [...new FormData(form)].filter(([name, value]) => value && typed(name));
  }

  // On a shared tablet a new visit is another student; a reload is the same one.
  function restore() {
    const [navigation] = performance.getEntriesByType("navigation");
    const staying = session.staying === code;
    delete session.staying;
    if (navigation?.type === "navigate" && !staying) {
      history.replaceState(null, "");
      if (!filled().length) delete session[draft];
    }
    for (const [name, value] of new URLSearchParams(session[draft])) {
      const field = form.elements.namedItem(name);
      if (field) field.value = value;
    }
  }

  // The answers wait in the tab: nothing is posted that the back button could bring up again.
  function changeLanguage(event) {
    if (!(session instanceof Storage)) return; // the form takes them along
    event.preventDefault();
    session.staying = code;
    const address = new URL(location);
    address.searchParams.set("language", event.submitter.value);
    location.replace(address);
  }

  // The words of the answer in a step, empty when it was skipped.
  function answer(step) {
    const box = step.querySelector(":checked");
    if (box) return box.value && box.parentElement.textContent.trim();
    return step.querySelector("textarea")?.value.trim() ?? "";
  }

  function review() {
    const list = find("#choices ol");
    list.replaceChildren(...items.map((item, index) => {
      const line = find("#choice").content.cloneNode(true);
      line.querySelector("small").textContent = item.querySelector("h2").lastChild.textContent;
      line.querySelector("b").textContent = answer(item) || list.dataset.skipped;
      line.querySelector("b").classList.toggle("skipped", !answer(item));
      line.querySelector("button").onclick = () => go(index + 1, true);
      return line;
    }));
  }

  // Sending

  async function send(event) {
    if (event.submitter.name === "language") return changeLanguage(event);
    event.preventDefault();
    find("#nothing").hidden = items.some(answer);
    if (!find("#nothing").hidden) return;
    const data = new FormData(form);
    const key = `unsent:${data.get("nonce")}`;
    keep(key, code, padded(data));
    event.submitter.disabled = true;
    const slow = setTimeout(() => end("waiting"), IMPATIENT);
    const tell = (outcome) => {
      clearTimeout(slow);
      end(outcome);
    };
    tell(await deliver(key, tell));
  }

  // As long as any other answer to these questions: on the network of a school its length would
  // tell which own words came from whose phone, and who skipped what.
  function padded(data) {
    const texts = form.querySelectorAll("textarea").length;
    return `${new URLSearchParams(data)}&padding=`.padEnd(CLOSED + texts * TEXT, "0");
  }

  // What became of the answer. The form leaves the page, so that nobody sees it again.
  function end(outcome) {
    if (outcome === "problems") return refused();
    if (outcome === "settled") return location.reload();
    const ending = find(`#${outcome}`);
    delete session[draft];
    if (outcome !== "waiting" && outcome !== "full") state.textContent = "";
    if (outcome === "counted") state.textContent = state.dataset.sent;
    if (!ending.hidden) return;
    form.remove();
    find("#dots").hidden = true;
    reading = false;
    readOn();
    for (const other of document.querySelectorAll(".ending")) other.hidden = other !== ending;
    scrollTo(0, 0);
    ending.querySelector("h1").focus({ preventScroll: true });
  }

  // The service says on a page of its own what is wrong with the answer.
  function refused() {
    document.body.append(form);
    form.submit();
  }

  function nextStudent() {
    session.another = code;
  }

  // Reading aloud, by a voice of the device itself: a distant voice would tell its maker what is
  // asked here.

  function voice() {
    const language = document.documentElement.lang;
    const voices = globalThis.speechSynthesis?.getVoices() ?? [];
    return voices.find((one) => one.localService && one.lang.toLowerCase().startsWith(language));
  }

  function readAloud() {
    const offer = () => (aloud.hidden = !voice());
    offer();
    globalThis.speechSynthesis?.addEventListener?.("voiceschanged", offer);
    aloud.onclick = () => {
      reading = !reading;
      aloud.setAttribute("aria-pressed", reading);
      readOn();
    };
  }

  function readOn() {
    globalThis.speechSynthesis?.cancel();
    if (!reading) return;
    const parts = steps[at].querySelectorAll("h2, p:not(.ends, [hidden]), .option:not(.none), li");
    for (const part of at === 0 ? [heading, ...parts] : parts) {
      const said = new SpeechSynthesisUtterance(part.innerText);
      said.voice = voice();
      said.lang = said.voice.lang;
      speechSynthesis.speak(said);
    }
  }
}
