// Tests of the handler. `make test` runs them in the build, beside the sources.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { handler } from "../src/pictures.ts";

const event = JSON.parse(readFileSync(new URL("../events/pictures.json", import.meta.url), "utf8"));
const context = { awsRequestId: "00000000-0000-0000-0000-000000000000" };

test("names the objects that changed", async () => {
  const { objects } = await handler(event, context);
  assert.deepEqual(objects, ["s3://pictures/2026/a picture of Ada.jpg"]);
});

test("passes over the event that tests the connection", async () => {
  const connected = JSON.parse('{"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "pictures"}');
  assert.deepEqual(await handler(connected, context), { objects: [] });
});

test("a failure is thrown, so that the event comes again", async () => {
  const s3 = { ...event.Records[0].s3, object: undefined };
  await assert.rejects(handler({ Records: [{ s3 }] }, context));
});
