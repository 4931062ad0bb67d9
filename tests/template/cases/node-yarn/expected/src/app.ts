interface Context {
  awsRequestId: string;
}

// Lambda calls handler with every event, any JSON object.
export const handler = async (event: { name?: string }, context: Context) => {
  log("event received", context, { keys: Object.keys(event).sort() });
  return { greeting: `Hello, ${event.name ?? "world"}!` };
};

// Writes one line of JSON, which CloudWatch Logs can search by field.
function log(message: string, context: Context, fields: object = {}) {
  console.log(JSON.stringify({ message, requestId: context.awsRequestId, ...fields }));
}
