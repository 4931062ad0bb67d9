// Tests of the server. `make test` runs them inside the image, with the packages and limits it has there.
import assert from "node:assert/strict";
import { once } from "node:events";
import test from "node:test";
import { app } from "../src/app.mjs";

const server = app.listen(0, "127.0.0.1");
await once(server, "listening");
const address = `http://127.0.0.1:${server.address().port}`;
test.after(() => server.close());

test("greets whom the query string names", async () => {
  const response = await fetch(`${address}/hello?name=Ada`);
  assert.deepEqual(await response.json(), { greeting: "Hello, Ada!" });
});

test("greets the world without a name", async () => {
  const response = await fetch(`${address}/hello`);
  assert.deepEqual(await response.json(), { greeting: "Hello, world!" });
});
