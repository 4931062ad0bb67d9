// Tests of the handler. `make test` runs them in the build, beside the sources.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { handler } from "../src/news.ts";

const event = JSON.parse(readFileSync(new URL("../events/news.json", import.meta.url), "utf8"));
const context = { awsRequestId: "00000000-0000-0000-0000-000000000000" };
const BAD = "{}";

test("works on the message", async () => {
  assert.deepEqual(await handler(event, context), { done: event.Records[0].Sns.MessageId });
});

test("a failure is thrown, so that the message comes again", async () => {
  for (const Message of [BAD, "not JSON", ""]) {
    await assert.rejects(handler({ Records: [{ Sns: { MessageId: "1", Message } }] }, context));
  }
  await assert.rejects(handler({ Records: [] }, context));
});
