// Tests of the handler. `make test` runs them in the build, beside the sources.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { handler } from "../src/agent.ts";

const event = JSON.parse(readFileSync(new URL("../events/agent.json", import.meta.url), "utf8"));
const context = { awsRequestId: "00000000-0000-0000-0000-000000000000" };

test("does what the agent asks for", async () => {
  const { messageVersion, response } = await handler(event, context);
  assert.equal(messageVersion, "1.0");
  assert.equal(response.actionGroup, event.actionGroup);
  assert.deepEqual(response.functionResponse, { responseBody: { TEXT: { body: "Hello, Ada!" } } });
});

// Gives the state in the response, if there is one.
function state({ functionResponse }: { functionResponse: { responseState?: string } }) {
  return functionResponse.responseState;
}

test("asks for what is missing", async () => {
  const { response } = await handler({ ...event, parameters: [] }, context);
  assert.equal(state(response), "REPROMPT");
});

test("a failure is an answer", async () => {
  const { response } = await handler({ ...event, function: "dance" }, context);
  assert.equal(state(response), "FAILURE");
});
