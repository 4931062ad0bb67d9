interface Context {
  awsRequestId: string;
}

// EventBridge calls handler on a schedule. It does what is due at the time that the event names: the same once more,
// if the event comes twice.
export const handler = async (event: { time: string }, context: Context) => {
  log("work is due", context, { time: event.time });
  return { done: event.time };
};

// Writes one line of JSON, which CloudWatch Logs can search by field.
function log(message: string, context: Context, fields: object = {}) {
  console.log(JSON.stringify({ message, requestId: context.awsRequestId, ...fields }));
}
