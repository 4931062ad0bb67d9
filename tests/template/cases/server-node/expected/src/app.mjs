// The server. On Lambda, the web adapter sends it each event as a request; elsewhere, it is an ordinary server.
import { setTimeout } from "node:timers/promises";
import express from "express";

export const app = express();

app.get("/hello", (request, response) => {
  response.json({ greeting: `Hello, ${request.query.name ?? "world"}!` });
});

// Sends one number after the other.
app.get("/count", async (request, response) => {
  response.type("text/plain");
  for (let number = 0; number < 3; number++) {
    response.write(`${number}\n`);
    await setTimeout(500);
  }
  response.end();
});

// Not when a test imports this file.
if (process.argv[1] === import.meta.filename) {
  const server = app.listen(process.env.PORT, "0.0.0.0");
  process.on("SIGTERM", () => server.close(() => process.exit()));
}
