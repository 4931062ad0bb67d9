// API Gateway calls handler for every request (HTTP API, payload format 2.0).
export const handler = async (event, context) => {
  const { method, path } = event.requestContext.http;
  log("request received", context, { method, path });
  // The key is missing when there is no query string.
  const name = event.queryStringParameters?.name ?? "world";
  if (name.length > 100) return respond(400, { error: "a name has at most 100 characters" });
  return respond(200, { greeting: `Hello, ${name}!` });
};

// Gives the answer the shape that API Gateway wants: the body is a string.
function respond(statusCode, body) {
  return { statusCode, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

// Writes one line of JSON, which CloudWatch Logs can search by field.
function log(message, context, fields = {}) {
  console.log(JSON.stringify({ message, requestId: context.awsRequestId, ...fields }));
}
