"use strict";

// The simulator's page: sends what was said, shows what comes back. Every text is set with textContent, never as markup.

const find = (id) => document.getElementById(id);
const setting = find("setting");
const log = find("log");
const words = find("words");

let talk = null; // the conversation's handle on the server
let busy = false;
let envelopes = { request: "", response: "" };

/** An element with classes, attributes and children; texts become text nodes. */
function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

function tell(text) {
  find("told").textContent = text;
  clearTimeout(tell.timer);
  tell.timer = setTimeout(() => { find("told").textContent = ""; }, 2600);
}

async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const type = answer.headers.get("Content-Type") || "";
  const data = type.includes("json") ? await answer.json() : null;
  if (!answer.ok) throw new Error((data && data.error) || "The server answered " + answer.status + ".");
  return data;
}

// ---- the conversation ----------------------------------------------------------------------------------------------

function bubble(who, text, note, failed) {
  find("welcome").hidden = true;
  const turn = make("div", { class: "turn " + who },
    make("p", { class: "hidden" }, who === "shopper" ? "You said:" : "The store answered:"),
    make("p", { class: failed ? "bubble failed" : "bubble" }, text));
  if (note) turn.append(make("p", { class: "note" }, note));
  log.append(turn);
  return turn;
}

function showCard(turn, card) {
  turn.append(make("div", { class: "card" }, make("h3", {}, card.title), card.text ? make("p", {}, card.text) : null));
}

function meaning(understood) {
  const slots = Object.entries(understood.slots).map(([name, value]) => name + " = " + value).join(", ");
  return "understood as " + understood.intent + (slots ? " (" + slots + ")" : "");
}

async function exchange(body, shown) {
  if (busy) return;
  busy = true;
  const chosen = Object.fromEntries(new FormData(setting));
  const mine = bubble("shopper", shown);
  find("suggestions").replaceChildren();
  find("state").textContent = "Waiting for the answer";
  log.scrollTop = log.scrollHeight;
  try {
    const answer = await post("/simulator/say", { ...chosen, ...body, talk });
    talk = answer.talk;
    if (answer.understood) mine.append(make("p", { class: "note" }, meaning(answer.understood)));
    if (answer.is_secret) mine.querySelector(".bubble").textContent = "••••";
    const theirs = bubble("store", answer.speech || "(silence)");
    if (answer.card) showCard(theirs, answer.card);
    if (answer.task === "verify_person") showVerifications();
    else showSuggestions(answer.suggestions);
    showInside(answer.inside);
    envelopes = { request: answer.request, response: answer.response };
    for (const name of ["request", "response"]) find(name).textContent = envelopes[name];
    find("state").textContent = answer.task ? "The platform asks for its own voice code" : answer.expects_more
      ? "Listening" + (answer.expected ? ", for " + answer.expected : "")
      : "The session is closed; what you say next opens a new one";
    find("save").disabled = find("again").disabled = false;
    sayAloud(answer.speech);
  } catch (problem) {
    bubble("store", problem.message, "", true);
    find("state").textContent = "No answer";
  }
  busy = false;
  log.scrollTop = log.scrollHeight;
}

function chips(offers) {
  find("suggestions").replaceChildren(...offers.map(([text, body]) => {
    const chip = make("button", { type: "button", class: "chip" }, text);
    chip.addEventListener("click", () => exchange(body, text).then(() => words.focus()));
    return chip;
  }));
}

function showSuggestions(suggestions) {
  chips(suggestions.map((text) => [text, { words: text }]));
}

/** What the platform may come back with from asking for its own voice code. */
function showVerifications() {
  chips([
    ["The voice code was right", { verify: "achieved" }],
    ["It was wrong", { verify: "not_achieved" }],
    ["No voice code is set up", { verify: "not_enabled" }],
  ]);
}

// ---- what stands behind --------------------------------------------------------------------------------------------

function line(name, money, more, sum) {
  return make("li", sum ? { class: "sum" } : {}, make("b", {}, name), make("span", { class: "money" }, money),
    more ? make("span", { class: "more" }, more) : null);
}

function fill(id, empty, ...children) {
  find(id).replaceChildren(...(children.length ? children : [make("p", { class: "empty" }, empty)]));
}

function showInside(inside) {
  const cart = inside.cart;
  fill("cart", "Nothing in it yet.", ...(cart.lines.length ? [make("ul", { class: "lines" },
    ...cart.lines.map((each) => line(each.quantity + " × " + each.title, each.price, each.size)),
    line("Goods", cart.total, "", true))] : []));
  fill("orders", "None yet.", ...(inside.orders.length ? [make("ul", { class: "lines" },
    ...inside.orders.map((each) => line(each.lines, each.total, each.state + ", " + each.at)))] : []));
  showGuard(inside.decision);
  showLimits(inside);
}

function showGuard(decision) {
  if (!decision) {
    fill("guard", "Not asked yet: it decides at checkout.");
    return;
  }
  fill("guard", "", make("p", {}, make("span", { class: "badge " + decision.mood }, decision.label), " ",
    make("span", { class: "note" }, decision.at)),
  make("ul", { class: "reasons" }, ...decision.reasons.map((each) => make("li", { title: each.key }, each.says))));
}

function showLimits(inside) {
  if (!inside.household) {
    fill("limits", "A guest may look round and never order.");
    return;
  }
  const wasOpen = Boolean(document.querySelector("#limits details[open]"));
  fill("limits", "", ...inside.windows.map((each) => make("div", { class: "limit" },
    make("div", { class: "row" }, make("span", {}, each.label), make("span", {}, each.spent + " of " + each.cap)),
    make("meter", { min: 0, max: 1, high: 0.85, optimum: 0, value: each.share, "aria-label": each.label + " spent" }))),
  make("details", { open: wasOpen }, make("summary", {}, "More limits"), make("dl", { class: "facts" },
    ...inside.facts.map((each) => make("div", {}, make("dt", {}, each.label), make("dd", {}, each.value))))));
}

// ---- speaking ------------------------------------------------------------------------------------------------------

function sayAloud(text) {
  if (!find("aloud").checked || !("speechSynthesis" in window) || !text) return;
  speechSynthesis.cancel();
  speechSynthesis.speak(new SpeechSynthesisUtterance(text));
}

const Recognition = window.SpeechRecognition || window.webkitSpeechRecognition;
if (Recognition) {
  const button = find("speak");
  let listening = null;
  button.hidden = false;
  button.addEventListener("click", () => {
    if (listening) {
      listening.stop();
      return;
    }
    listening = new Recognition();
    listening.lang = navigator.language || "en-US";
    button.setAttribute("aria-pressed", "true");
    listening.onresult = (event) => {
      const heard = event.results[0][0].transcript;
      exchange({ words: heard }, heard);
    };
    listening.onerror = () => tell("The browser heard nothing it could use.");
    listening.onend = () => {
      listening = null;
      button.setAttribute("aria-pressed", "false");
    };
    listening.start();
  });
}
if (!("speechSynthesis" in window)) find("aloud").closest("label").hidden = true;

// ---- the controls --------------------------------------------------------------------------------------------------

find("talk").addEventListener("submit", (event) => {
  event.preventDefault();
  const said = words.value.trim();
  if (!said || busy) return;
  words.value = "";
  exchange({ words: said }, said);
});

document.querySelector("[data-launch]").addEventListener("click", (event) => {
  exchange({ launch: true }, event.currentTarget.textContent).then(() => words.focus());
});
for (const chip of document.querySelectorAll("[data-say]")) {
  chip.addEventListener("click", () => exchange({ words: chip.dataset.say }, chip.dataset.say).then(() => words.focus()));
}

function begin() {
  talk = null;
  for (const turn of log.querySelectorAll(".turn")) turn.remove();
  find("welcome").hidden = false;
  find("suggestions").replaceChildren();
  find("save").disabled = find("again").disabled = true;
  find("state").textContent = "Not started";
  envelopes = { request: "", response: "" };
  find("request").textContent = find("response").textContent = "";
}

find("again").addEventListener("click", () => {
  begin();
  look();
words.focus();
});

/** What stands behind, before anything is said: a cart survives its session. */
async function look() {
  // Dialogflow tells its webhook of no device and of no voice.
  const namesDevices = setting.platform.value === "alexa";
  setting.device.disabled = setting.speaker.disabled = !namesDevices;
  try {
    showInside((await post("/simulator/look", { household: setting.household.value })).inside);
  } catch (problem) {
    tell(problem.message);
  }
}

setting.addEventListener("change", (event) => {
  // Another speaker may break into a conversation; another platform, household or device is another conversation.
  if (event.target.name === "speaker") return;
  if (talk) {
    begin();
    tell("A new conversation");
  }
  look();
});

find("save").addEventListener("click", async () => {
  try {
    const saved = await post("/simulator/save", { talk });
    const link = make("a", { download: saved.name, href: URL.createObjectURL(new Blob([saved.yaml], { type: "text/yaml" })) });
    link.click();
    URL.revokeObjectURL(link.href);
    tell("Saved as " + saved.name);
  } catch (problem) {
    tell(problem.message);
  }
});

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async (event) => {
    event.preventDefault();
    try {
      await navigator.clipboard.writeText(envelopes[button.dataset.copy]);
      tell("Copied the " + button.dataset.copy);
    } catch {
      tell("The browser does not allow copying here.");
    }
  });
}

look();
words.focus();
