// Tests of the handler. `make test` runs them inside the image, with the packages and limits it has there.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { handler } from "../src/queue/main.cjs";

const event = JSON.parse(readFileSync(new URL("../events/intake.json", import.meta.url), "utf8"));
const context = { awsRequestId: "00000000-0000-0000-0000-000000000000" };

test("works on every message", async () => {
  assert.deepEqual(await handler(event, context), { batchItemFailures: [] });
});

test("names what failed", async () => {
  const wrong = { ...event.Records[0], messageId: "wrong", body: "{}" };
  const answer = await handler({ Records: [...event.Records, wrong] }, context);
  assert.deepEqual(answer, { batchItemFailures: [{ itemIdentifier: "wrong" }] });
});
