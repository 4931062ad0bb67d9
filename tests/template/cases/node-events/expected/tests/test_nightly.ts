// Tests of the handler. `make test` runs them in the build, beside the sources.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { handler } from "../src/nightly.ts";

const event = JSON.parse(readFileSync(new URL("../events/nightly.json", import.meta.url), "utf8"));
const context = { awsRequestId: "00000000-0000-0000-0000-000000000000" };

test("does what is due", async () => {
  assert.deepEqual(await handler(event, context), { done: "2026-01-31T06:00:00Z" });
});
