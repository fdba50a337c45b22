"use strict";

// The pages work without this: every form posts and a whole page comes back. Here the same page is fetched and its parts are put in
// the place of the old ones, so that nothing jumps and what was answered is read out once. No markup is ever made of a text.

const find = (id) => document.getElementById(id);
const log = find("log");
const words = find("words");
let busy = false;

document.documentElement.classList.add("scripts");

function tell(text) {
  find("told").textContent = text;
  clearTimeout(tell.timer);
  tell.timer = setTimeout(() => { find("told").textContent = ""; }, 3000);
}

// ---- swapping parts ------------------------------------------------------------------------------------------------

function swap(page) {
  const focused = document.activeElement && document.activeElement.id;
  const open = [...document.querySelectorAll("details[id][open]")].map((each) => each.id);
  let answered = null;
  for (const part of document.querySelectorAll("[data-part]")) {
    const fresh = page.getElementById(part.id);
    // A status is left alone while it says the same, so that it is not read out again.
    if (fresh && !fresh.isEqualNode(part)) part.replaceChildren(...fresh.childNodes);
  }
  for (const each of open) if (find(each)) find(each).open = true;
  const freshLog = page.getElementById("log");
  if (log && freshLog) answered = addTurns(freshLog);
  if (words && page.getElementById("words")) words.value = page.getElementById("words").value;
  document.title = page.title;
  if (focused && document.activeElement === document.body && find(focused)) find(focused).focus();
  return answered;
}

/** Turns that are new are added, so that they alone are read out; another conversation takes the place of this one. */
function addTurns(fresh) {
  const shown = new Set([...log.querySelectorAll("[data-turn]")].map((each) => each.dataset.turn));
  const turns = [...fresh.querySelectorAll("[data-turn]")];
  const isSame = shown.size > 0 && log.dataset.log === fresh.dataset.log;
  if (!isSame) {
    log.replaceChildren(...fresh.childNodes);
    log.dataset.log = fresh.dataset.log;
    return turns.length === 1 ? turns[0] : null;
  }
  const added = turns.filter((each) => !shown.has(each.dataset.turn));
  // What an older screen shows can no longer be touched.
  for (const device of log.querySelectorAll(".device")) {
    const turn = device.closest("[data-turn]").dataset.turn;
    const now = fresh.querySelector('[data-turn="' + turn + '"] .device');
    if (now && !now.isEqualNode(device)) device.replaceWith(now);
  }
  log.append(...added);
  return added.length ? added[added.length - 1] : null;
}

/** The end of a turn, or its beginning where the whole of it does not fit. */
function show(turn) {
  const isLong = turn.offsetHeight > log.clientHeight - 20;
  log.scrollTop = isLong ? turn.offsetTop - log.offsetTop - 12 : log.scrollHeight;
}

/** The step of a replay that was played last. */
function showStep() {
  const played = document.querySelectorAll("#steps .step:not(.waiting)");
  if (played.length) played[played.length - 1].scrollIntoView({ block: "nearest" });
}

async function load(url, options) {
  if (busy) return false;
  busy = true;
  document.body.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(url, options);
    if (!(answer.headers.get("Content-Type") || "").includes("html")) throw new Error("The server answered " + answer.status + ".");
    if (answer.status === 403 || answer.status === 404) throw new Error("The server was started anew: load this page again.");
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const turn = swap(page);
    if (answer.ok) history.replaceState(null, "", answer.url);
    if (turn) {
      show(turn);
      readAloud(turn.querySelector("[data-read]"), false);
    }
    showStep();
    tick();
    return answer.ok;
  } catch (failed) {
    tell(failed.message.startsWith("The server") ? failed.message : "The server does not answer.");
    return false;
  } finally {
    busy = false;
    document.body.removeAttribute("aria-busy");
  }
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("form[data-live]")) return;
  event.preventDefault();
  const sent = new URLSearchParams(new FormData(form, event.submitter));
  if (form.id === "say" && !words.value.trim()) return;
  const isTalk = words && !form.closest(".setting");
  if (form.method === "get") await load(form.action + "?" + sent, {});
  else await load(form.action, { method: "POST", body: sent });
  // Whoever talks goes on talking; on a phone the keyboard would cover the answer.
  if (isTalk && matchMedia("(pointer: fine)").matches) words.focus();
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-live]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  load(link.href, {}).then((loaded) => {
    const part = loaded && document.querySelector(link.hash || "#inside");
    if (!part) return;
    for (const each of part.querySelectorAll("details")) each.open = true;
    part.scrollIntoView({ block: "nearest" });
    part.querySelector("summary")?.focus();
  });
});

document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form && form.id === "setting") form.requestSubmit();
});

// ---- copying, reading aloud, listening -----------------------------------------------------------------------------

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  try {
    await navigator.clipboard.writeText(find(button.dataset.copy).textContent);
    tell("Copied the " + button.dataset.copy.split("-")[0]);
  } catch {
    tell("The browser does not allow copying here.");
  }
});

function readAloud(button, asked) {
  if (!button || !("speechSynthesis" in window) || !(asked || find("aloud").checked)) return;
  const spoken = new SpeechSynthesisUtterance(button.dataset.read);
  spoken.lang = button.dataset.lang;
  speechSynthesis.cancel();
  speechSynthesis.speak(spoken);
}

document.addEventListener("click", (event) => readAloud(event.target.closest("[data-read]"), true));
if (!("speechSynthesis" in window)) document.documentElement.classList.add("mute");

const Recognition = window.SpeechRecognition || window.webkitSpeechRecognition;
if (Recognition && find("speak")) {
  const button = find("speak");
  let listening = null;
  button.hidden = false;
  button.addEventListener("click", () => {
    if (listening) {
      listening.stop();
      return;
    }
    listening = new Recognition();
    listening.lang = find("setting").elements.locale.value;
    button.setAttribute("aria-pressed", "true");
    listening.onresult = (heard) => {
      words.value = heard.results[0][0].transcript;
      find("say").requestSubmit();
    };
    listening.onerror = () => tell("The browser heard nothing it could use.");
    listening.onend = () => {
      listening = null;
      button.setAttribute("aria-pressed", "false");
    };
    listening.start();
  });
}

// ---- the clock -----------------------------------------------------------------------------------------------------

/** The server's clock runs on while the page is looked at. */
function tick() {
  const shown = document.querySelector("time[data-zone]");
  if (!shown) return;
  if (shown.dataset.since === undefined) shown.dataset.since = String(performance.now());
  const now = new Date(Date.parse(shown.dateTime) + performance.now() - Number(shown.dataset.since));
  const parts = { weekday: "short", day: "2-digit", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit",
    hourCycle: "h23", timeZone: shown.dataset.zone };
  const text = new Intl.DateTimeFormat("en-GB", parts).format(now);
  if (shown.textContent !== text) shown.textContent = text;
}

tick();
setInterval(tick, 1000);

// ---- the start -----------------------------------------------------------------------------------------------------

if (matchMedia("(max-width: 900px)").matches && find("setting-fold")) find("setting-fold").open = false;
if (log) log.scrollTop = log.scrollHeight;
if (words && matchMedia("(pointer: fine)").matches) words.focus();
