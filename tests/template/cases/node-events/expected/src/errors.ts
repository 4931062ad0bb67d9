import { gunzipSync } from "node:zlib";

interface Context {
  awsRequestId: string;
}

// CloudWatch Logs calls handler with the lines that a subscription selects. It counts them: logging them could bring
// them back, if this function's own log is subscribed to.
export const handler = async (event: { awslogs: { data: string } }, context: Context) => {
  const data = JSON.parse(gunzipSync(Buffer.from(event.awslogs.data, "base64")).toString());
  // A control message only tests whether the function can be called.
  const lines = data.messageType === "DATA_MESSAGE" ? data.logEvents.length : 0;
  log("lines received", context, { group: data.logGroup, lines });
  return { lines };
};

// Writes one line of JSON, which CloudWatch Logs can search by field.
function log(message: string, context: Context, fields: object = {}) {
  console.log(JSON.stringify({ message, requestId: context.awsRequestId, ...fields }));
}
