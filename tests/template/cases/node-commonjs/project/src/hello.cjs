const ms = require("ms");

exports.handler = async (event) => ({ greeting: `Hello, ${event.name ?? "world"}!`, day: ms("1 day") });
