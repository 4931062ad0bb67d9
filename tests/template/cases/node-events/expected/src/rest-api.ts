interface Context {
  awsRequestId: string;
}

interface RestRequest {
  httpMethod: string;
  path: string;
  queryStringParameters: Record<string, string> | null;
}

// API Gateway calls handler for every request (REST API, payload format 1.0).
export const handler = async (event: RestRequest, context: Context) => {
  const { httpMethod: method, path } = event;
  log("request received", context, { method, path });
  // API Gateway sends null when there is no query string.
  const name = event.queryStringParameters?.name ?? "world";
  if (name.length > 100) return respond(400, { error: "a name has at most 100 characters" });
  return respond(200, { greeting: `Hello, ${name}!` });
};

// Gives the answer the shape that API Gateway wants: the body is a string.
function respond(statusCode: number, body: object) {
  return { statusCode, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

// Writes one line of JSON, which CloudWatch Logs can search by field.
function log(message: string, context: Context, fields: object = {}) {
  console.log(JSON.stringify({ message, requestId: context.awsRequestId, ...fields }));
}
