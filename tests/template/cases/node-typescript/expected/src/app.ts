interface Context {
  awsRequestId: string;
}

interface Request {
  queryStringParameters?: Record<string, string>;
  requestContext: { http: { method: string; path: string } };
}

// API Gateway calls handler for every request (HTTP API, payload format 2.0).
export const handler = async (event: Request, context: Context) => {
  const { method, path } = event.requestContext.http;
  console.log(JSON.stringify({ message: "request received", requestId: context.awsRequestId, method, path }));
  // API Gateway leaves the key out when there is no query string.
  const name = event.queryStringParameters?.name ?? "world";
  return respond(200, { greeting: `Hello, ${name}!` });
};

// Gives the answer the shape that API Gateway wants: the body is a string.
function respond(statusCode: number, body: object) {
  return { statusCode, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}
