// Tests of the handler. `make test` runs them in the build, beside the sources.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { handler } from "../src/task.ts";

const event = JSON.parse(readFileSync(new URL("../events/task.json", import.meta.url), "utf8"));
const context = { awsRequestId: "00000000-0000-0000-0000-000000000000" };

test("adds up the prices", async () => {
  assert.deepEqual(await handler(event, context), { orderId: "o-1", total: 30 });
});

test("an error has a name that the state machine knows", async () => {
  for (const prices of [[], ["ten"], undefined]) {
    await assert.rejects(handler({ orderId: "o-1", prices }, context), { name: "InvalidOrder" });
  }
});
