// Virtual Alexa as a line-by-line conversation: a JSON line in for each thing done, a JSON line out with what came of it.
//   {"launch": true} | {"utter": "two of the first one"} | {"intend": "add_to_cart", "slots": {"ordinal": "1"}} | {"end": true}
//   -> {"response": {...}, "request": {...}} | {"error": "..."}
// Arguments: the webhook's address, the interaction model's file, the shopper's user id, the device's id.
"use strict";

const readline = require("node:readline");
const { VirtualAlexa } = require("virtual-alexa");

const [url, model, user, device] = process.argv.slice(2);
const alexa = VirtualAlexa.Builder().skillURL(url).interactionModelFile(model).create();
alexa.context().user().setID(user);
alexa.context().device().setID(device);

let sent;
alexa.filter((request) => {
  sent = request;
});

async function perform(step) {
  if (step.launch) return alexa.launch();
  if (step.utter !== undefined) return alexa.utter(step.utter);
  if (step.intend !== undefined) return alexa.intend(step.intend, step.slots);
  if (step.end) return alexa.endSession();
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
