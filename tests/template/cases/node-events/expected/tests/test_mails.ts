// Tests of the handler. `make test` runs them in the build, beside the sources.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { handler } from "../src/mails.ts";

const event = JSON.parse(readFileSync(new URL("../events/mails.json", import.meta.url), "utf8"));
const context = { awsRequestId: "00000000-0000-0000-0000-000000000000" };
const BAD = "{}";

test("works on every message", async () => {
  assert.deepEqual(await handler(event, context), { messages: 2 });
  assert.deepEqual(await handler({ messages: [] }, context), { messages: 0 });
});

test("works on every queue", async () => {
  const rmqMessagesByQueue = { "greetings::/": event.messages, "other::/": event.messages.slice(1) };
  assert.deepEqual(await handler({ rmqMessagesByQueue }, context), { messages: 3 });
});

test("one failure brings the whole batch again", async () => {
  for (const text of [BAD, "not JSON"]) {
    const messages = [...event.messages, { data: Buffer.from(text).toString("base64") }];
    await assert.rejects(handler({ messages }, context));
  }
});
