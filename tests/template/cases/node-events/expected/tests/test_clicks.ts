// Tests of the handler. `make test` runs them in the build, beside the sources.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { handler } from "../src/clicks.ts";

const event = JSON.parse(readFileSync(new URL("../events/clicks.json", import.meta.url), "utf8"));
const context = { awsRequestId: "00000000-0000-0000-0000-000000000000" };
const GOOD = '{"name": "Ada"}';
const BAD = "{}";

// Gives the identifiers in the answer to records with these texts.
async function failed(...texts: string[]) {
  const Records = texts.map((text, index) => {
    return { kinesis: { sequenceNumber: String(index), data: Buffer.from(text).toString("base64") } };
  });
  const answer = await handler({ ...event, Records }, context);
  return answer.batchItemFailures.map((failure) => failure.itemIdentifier);
}

test("works on every record", async () => {
  assert.deepEqual(await handler(event, context), { batchItemFailures: [] });
  assert.deepEqual(await failed(), [], "an empty batch");
});

test("names what failed", async () => {
  assert.deepEqual(await failed(GOOD, BAD, GOOD), ["1"]);
  assert.deepEqual(await failed(BAD, BAD, BAD), ["0"]);
  assert.deepEqual(await failed("not JSON", GOOD), ["0"]);
});

test("never names a record without identifier", async () => {
  await assert.rejects(handler({ ...event, Records: [{ kinesis: { data: "" } }] }, context));
});
