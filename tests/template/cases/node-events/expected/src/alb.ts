import { STATUS_CODES } from "node:http";

interface Context {
  awsRequestId: string;
}

interface Request {
  httpMethod: string;
  path: string;
  queryStringParameters?: Record<string, string>;
  multiValueQueryStringParameters?: Record<string, string[]>;
  multiValueHeaders?: Record<string, string[]>;
}

// A load balancer calls handler for every request. A health check is a request like any other, and wants a 200.
export const handler = async (event: Request, context: Context) => {
  const { httpMethod: method, path } = event;
  log("request received", context, { method, path });
  // The target group decides which of the two a request has. Values are encoded as they are in the URL.
  const values = event.multiValueQueryStringParameters?.name ?? [event.queryStringParameters?.name ?? "world"];
  const name = decodeURIComponent((values.at(-1) ?? "world").replaceAll("+", " "));
  if (name.length > 100) return respondTo(event, 400, { error: "a name has at most 100 characters" });
  return respondTo(event, 200, { greeting: `Hello, ${name}!` });
};

// Gives the answer the shape that a load balancer wants: that of the request, with one value or several for a header.
function respondTo(event: Request, statusCode: number, body: object) {
  const type = "application/json";
  const headers = event.multiValueHeaders
    ? { multiValueHeaders: { "content-type": [type] } }
    : { headers: { "content-type": type } };
  const statusDescription = `${statusCode} ${STATUS_CODES[statusCode]}`;
  return { statusCode, statusDescription, isBase64Encoded: false, ...headers, body: JSON.stringify(body) };
}

// Writes one line of JSON, which CloudWatch Logs can search by field.
function log(message: string, context: Context, fields: object = {}) {
  console.log(JSON.stringify({ message, requestId: context.awsRequestId, ...fields }));
}
