// Virtual Google Assistant as a line-by-line conversation: a JSON line in for each thing done, a JSON line out with what came of it.
//   {"launch": true} | {"utter": "check out"} | {"intend": "add_to_cart", "slots": {"ordinal": "1"}}
//   -> {"response": {...}, "request": {...}} | {"error": "..."}
// Arguments: the webhook's address, the Dialogflow ES agent's folder, the session.
"use strict";

const readline = require("node:readline");
const { VirtualGoogleAssistant } = require("virtual-google-assistant");

const [url, agent, session] = process.argv.slice(2);
const assistant = VirtualGoogleAssistant.Builder().actionUrl(url).directory(agent).create();

let sent;
assistant.addFilter((request) => {
  // It has one session for everybody.
  request.session = session;
  sent = request;
});

async function perform(step) {
  if (step.launch) return assistant.launch();
  if (step.utter !== undefined) return assistant.utter(step.utter);
  if (step.intend !== undefined) return assistant.intend(step.intend, step.slots);
  throw new Error("no such step: " + JSON.stringify(step));
}

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    sent = undefined;
    let outcome;
    try {
      outcome = { response: await perform(JSON.parse(line)), request: sent };
    } catch (error) {
      outcome = { error: String(error.message ?? error), request: sent };
    }
    process.stdout.write(JSON.stringify(outcome) + "\n");
  }
})();
