// Tests of the handler. `make test` runs them in the build, beside the sources.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { handler } from "../src/topic.ts";

const event = JSON.parse(readFileSync(new URL("../events/topic.json", import.meta.url), "utf8"));
const context = { awsRequestId: "00000000-0000-0000-0000-000000000000" };
const GOOD = '{"name": "Ada"}';
const BAD = "{}";

// Gives the identifiers in the answer to records with these texts, in one partition.
async function failed(...texts: string[]) {
  return failedIn(["greetings-0"], ...texts);
}

async function failedIn(partitions: string[], ...texts: string[]) {
  const list = texts.map((text, offset) => ({ offset, value: Buffer.from(text).toString("base64") }));
  const records = Object.fromEntries(partitions.map((partition) => [partition, list]));
  const answer = await handler({ records }, context);
  return answer.batchItemFailures.map((failure) => failure.itemIdentifier);
}

test("works on every record", async () => {
  assert.deepEqual(await handler(event, context), { batchItemFailures: [] });
  assert.deepEqual(await failed(), [], "an empty batch");
});

test("names what failed", async () => {
  assert.deepEqual(await failed(GOOD, BAD, GOOD), [{ partition: "greetings-0", offset: 1 }]);
  assert.deepEqual(await failed(BAD, BAD, BAD), [{ partition: "greetings-0", offset: 0 }]);
  assert.deepEqual(await failed("not JSON", GOOD), [{ partition: "greetings-0", offset: 0 }]);
});

test("never names a record without identifier", async () => {
  await assert.rejects(handler({ ...event, records: { "greetings-0": [{ value: "-" }] } }, context));
});

test("names the first of each partition", async () => {
  assert.deepEqual(await failedIn(["greetings-0", "greetings-1"], GOOD, BAD, BAD), [
    { partition: "greetings-0", offset: 1 },
    { partition: "greetings-1", offset: 1 },
  ]);
});

test("passes over what was deleted", async () => {
  const records = { "greetings-0": [{ offset: 0, value: null }, { offset: 1 }] };
  assert.deepEqual(await handler({ records }, context), { batchItemFailures: [] });
});
