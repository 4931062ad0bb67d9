// Tests of the handler. `make test` runs them in the build, beside the sources.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { handler } from "../src/main.mjs";

const event = JSON.parse(readFileSync(new URL("../events/s3.json", import.meta.url), "utf8"));
const context = { awsRequestId: "00000000-0000-0000-0000-000000000000" };

test("names the objects that changed", async () => {
  const { objects } = await handler(event, context);
  assert.deepEqual(objects, ["s3://pictures/2026/a picture of Ada.jpg"]);
});
