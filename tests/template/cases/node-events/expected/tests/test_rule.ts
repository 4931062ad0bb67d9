// Tests of the handler. `make test` runs them in the build, beside the sources.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { handler } from "../src/rule.ts";

const event = JSON.parse(readFileSync(new URL("../events/rule.json", import.meta.url), "utf8"));
const context = { awsRequestId: "00000000-0000-0000-0000-000000000000" };

test("works on the detail", async () => {
  assert.deepEqual(await handler(event, context), { done: event.id });
});

test("a failure is thrown, so that the event comes again", async () => {
  await assert.rejects(handler({ ...event, detail: {} }, context));
  await assert.rejects(handler({ ...event, detail: undefined }, context));
});
