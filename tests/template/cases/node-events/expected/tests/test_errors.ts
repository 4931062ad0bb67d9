// Tests of the handler. `make test` runs them in the build, beside the sources.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { gzipSync } from "node:zlib";
import { handler } from "../src/errors.ts";

const event = JSON.parse(readFileSync(new URL("../events/errors.json", import.meta.url), "utf8"));
const context = { awsRequestId: "00000000-0000-0000-0000-000000000000" };

// Gives the event that has this data.
function eventOf(data: object) {
  const text = JSON.stringify({ messageType: "DATA_MESSAGE", logGroup: "/group", logEvents: [], ...data });
  return { awslogs: { data: gzipSync(text).toString("base64") } };
}

test("counts the lines", async () => {
  assert.deepEqual(await handler(event, context), { lines: 2 });
  assert.deepEqual(await handler(eventOf({}), context), { lines: 0 });
});

test("passes over control messages", async () => {
  const control = eventOf({ messageType: "CONTROL_MESSAGE", logEvents: [{ message: "CWL CONTROL MESSAGE" }] });
  assert.deepEqual(await handler(control, context), { lines: 0 });
});

test("what cannot be read is an error", async () => {
  await assert.rejects(handler({ awslogs: { data: "bm90IGd6aXA=" } }, context));
});
