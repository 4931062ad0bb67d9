// Tests of the handler. `make test` runs them in the build, beside the sources.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { handler } from "../src/app.ts";

const event = JSON.parse(readFileSync(new URL("../events/api-gateway-http.json", import.meta.url), "utf8"));
const context = { awsRequestId: "00000000-0000-0000-0000-000000000000" };

test("greets whom the query string names", async () => {
  const answer = await handler(event, context);
  assert.equal(answer.statusCode, 200);
  assert.equal(JSON.parse(answer.body).greeting, "Hello, Ada!");
});

test("greets the world without a query string", async () => {
  const answer = await handler({ ...event, queryStringParameters: undefined }, context);
  assert.equal(JSON.parse(answer.body).greeting, "Hello, world!");
});

test("refuses a name that is too long", async () => {
  const answer = await handler({ ...event, queryStringParameters: { name: "A".repeat(101) } }, context);
  assert.equal(answer.statusCode, 400);
});
