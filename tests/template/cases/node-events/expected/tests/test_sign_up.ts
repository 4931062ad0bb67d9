// Tests of the handler. `make test` runs them in the build, beside the sources.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { handler } from "../src/sign-up.ts";

const event = JSON.parse(readFileSync(new URL("../events/sign-up.json", import.meta.url), "utf8"));
const context = { awsRequestId: "00000000-0000-0000-0000-000000000000" };

test("confirms an address of ours", async () => {
  const answer = await handler(structuredClone(event), context);
  assert.equal(answer.response.autoConfirmUser, true);
  assert.deepEqual(Object.keys(answer), Object.keys(event), "the user pool wants the whole event back");
});

test("does not confirm another", async () => {
  const request = { userAttributes: { email: "ada@example.net" } };
  const answer = await handler({ ...structuredClone(event), request }, context);
  assert.equal(answer.response.autoConfirmUser, false);
});

test("refuses without an address", async () => {
  await assert.rejects(handler({ ...event, request: { userAttributes: {} } }, context));
});

test("leaves other triggers alone", async () => {
  const triggerSource = "PostConfirmation_ConfirmSignUp";
  const answer = await handler({ ...event, triggerSource, response: {} }, context);
  assert.deepEqual(answer.response, {});
});
