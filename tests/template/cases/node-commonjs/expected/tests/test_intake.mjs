// Tests of the handler. `make test` runs them inside the image, with the packages and limits it has there.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { handler } from "../src/queue/main.cjs";

const event = JSON.parse(readFileSync(new URL("../events/intake.json", import.meta.url), "utf8"));
const context = { awsRequestId: "00000000-0000-0000-0000-000000000000" };
const GOOD = '{"name": "Ada"}';
const BAD = "{}";

// Gives the identifiers in the answer to messages with these bodies.
async function failed(...bodies) {
  const Records = bodies.map((body, index) => ({ messageId: String(index), body }));
  const answer = await handler({ ...event, Records }, context);
  return answer.batchItemFailures.map((failure) => failure.itemIdentifier);
}

test("works on every record", async () => {
  assert.deepEqual(await handler(event, context), { batchItemFailures: [] });
  assert.deepEqual(await failed(), [], "an empty batch");
});

test("names what failed", async () => {
  assert.deepEqual(await failed(GOOD, BAD, GOOD), ["1"]);
  assert.deepEqual(await failed(BAD, BAD, BAD), ["0", "1", "2"]);
  assert.deepEqual(await failed("not JSON", GOOD), ["0"]);
});

test("never names a record without identifier", async () => {
  await assert.rejects(handler({ Records: [{ ...event.Records[0], messageId: undefined, body: BAD }] }, context));
});
