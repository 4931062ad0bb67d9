// Tests of the handler. `make test` runs them in the build, beside the sources.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { handler } from "../src/any.ts";

const event = JSON.parse(readFileSync(new URL("../events/any.json", import.meta.url), "utf8"));
const context = { awsRequestId: "00000000-0000-0000-0000-000000000000" };

test("greets whom the event names", async () => {
  assert.equal((await handler(event, context)).greeting, "Hello, Ada!");
});

test("greets the world without a name", async () => {
  assert.equal((await handler({}, context)).greeting, "Hello, world!");
});
