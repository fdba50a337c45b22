// What Amazon's own verifiers for Node (ask-sdk-express-adapter) say of forged requests: one line of JSON a case, in and out.
//   argument 1: a file {"now": milliseconds, "roots": [PEM], "cases": [{"pem", "headers", "body"}]}
// The clock, the roots that are trusted and what is fetched are the file's; everything else is Amazon's code as it ships.
"use strict";

const fs = require("fs");
const https = require("https");
const { EventEmitter } = require("events");

const { now, roots, cases } = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));

const RealDate = Date;
global.Date = class extends RealDate {
  constructor(...given) {
    super(...(given.length ? given : [now]));
  }
  static now() {
    return now;
  }
};

let pem = "";
let fetched = 0;
https.get = (_, answered) => {
  fetched += 1;
  const response = Object.assign(new EventEmitter(), { statusCode: 200, setEncoding: () => {} });
  process.nextTick(() => {
    answered(response);
    response.emit("data", pem);
    response.emit("end");
  });
  return Object.assign(new EventEmitter(), { end: () => {} });
};

// The verifier asks for the roots through its own module, each time that it looks at a chain.
const helper = require("ask-sdk-express-adapter/dist/verifier/helper");
const storeOf = helper.generateCAStore;
helper.generateCAStore = () => storeOf(roots);
const { SkillRequestSignatureVerifier, TimestampVerifier } = require("ask-sdk-express-adapter");

(async () => {
  for (const each of cases) {
    pem = each.pem;
    fetched = 0;
    let why = "";
    try {
      // As the adapter itself calls them: https://github.com/alexa/alexa-skills-kit-sdk-for-nodejs
      await new SkillRequestSignatureVerifier().verify(each.body, each.headers);
      await new TimestampVerifier().verify(each.body);
    } catch (error) {
      why = String(error.message || error);
    }
    console.log(JSON.stringify({ accepted: !why, why, fetched }));
  }
})();
