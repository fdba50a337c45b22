// A conversation as Amazon's own test framework for skills holds it: ask-sdk-test sends the requests and checks each answer,
// among them that a session is left open only with a question, and closed only without one. Run by mocha.
//   SAYSO_URL: the webhook's address; SAYSO_USER: the shopper's user id; SAYSO_CODE: the purchase code
"use strict";

const { AlexaTest, IntentRequestBuilder, LaunchRequestBuilder, SessionEndedRequestBuilder } = require("ask-sdk-test");

const settings = {
  appId: "amzn1.ask.skill.00000000-0000-0000-0000-000000000000",
  userId: process.env.SAYSO_USER,
  deviceId: "amzn1.ask.device.CLIENTTESTS",
  locale: "en-US",
};

let last;

function handler(event, context, callback) {
  fetch(process.env.SAYSO_URL, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(event),
  })
    .then(async (answer) => {
      const body = await answer.text();
      if (answer.status !== 200) throw new Error(`HTTP ${answer.status}: ${body}`);
      return JSON.parse(body);
    })
    .then((response) => {
      last = { request: event.request, response };
      callback(null, response);
    }, callback);
}

const alexa = new AlexaTest(handler, settings);
const intent = (name, slots = {}) =>
  Object.entries(slots)
    .reduce((builder, [slot, value]) => builder.withSlot(slot, value), new IntentRequestBuilder(settings, name))
    .build();
const launch = () => new LaunchRequestBuilder(settings).build();
// Answers that ask without a question mark ("tell me your four-digit code"), which the framework cannot see.
const asks = { ignoreQuestionCheck: true, repromptsLike: "", shouldEndSession: false };
const contains = (...words) => (speech) => words.every((each) => speech.toLowerCase().includes(each.toLowerCase()));

describe("a shopper", () => {
  // The framework's complaints do not say which answer they are about.
  afterEach(function () {
    if (this.currentTest.state === "failed") console.log(JSON.stringify(last, null, 2));
  });

  alexa.test(
    [
      { request: launch(), shouldEndSession: false },
      { request: intent("find_products", { product_query: "milk" }), says: contains("milk"), shouldEndSession: false },
      { request: intent("add_to_cart", { ordinal: "1", quantity: "2" }), shouldEndSession: false },
      { request: intent("show_cart"), says: contains("in your cart", "2"), ...asks },
      { request: intent("AMAZON.NoIntent"), ...asks },
    ],
    "finds something, puts it in the cart and hears it there",
  );

  alexa.test(
    [
      { request: launch(), shouldEndSession: false },
      { request: intent("check_out"), elicitsForIntent: "give_code", elicitsSlot: "code", ...asks },
      // A bare yes is not the code: nothing is bought, and the quote is gone.
      { request: intent("AMAZON.YesIntent"), ...asks },
      { request: intent("give_code", { code: process.env.SAYSO_CODE }), shouldEndSession: false },
      { request: intent("check_out"), elicitsForIntent: "give_code", elicitsSlot: "code", ...asks },
      { request: intent("give_code", { code: "0001" }), ...asks },
      { request: intent("give_code", { code: process.env.SAYSO_CODE }), shouldEndSession: true },
    ],
    "orders it with the code and nothing less",
  );

  alexa.test(
    [
      { request: launch(), shouldEndSession: false },
      { request: intent("AMAZON.HelpIntent"), shouldEndSession: false },
      { request: intent("AMAZON.FallbackIntent"), ...asks },
      { request: intent("AMAZON.StopIntent"), shouldEndSession: true },
    ],
    "gets help and leaves",
  );

  alexa.test(
    [
      { request: launch(), shouldEndSession: false },
      {
        request: new SessionEndedRequestBuilder(settings, "USER_INITIATED").build(),
        saysNothing: true,
        repromptsNothing: true,
        ignoreQuestionCheck: true,
      },
    ],
    "walks away and hears nothing",
  );
});
