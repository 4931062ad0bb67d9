interface Context {
  awsRequestId: string;
}

interface RuleEvent {
  id: string;
  "detail-type": string;
  detail: { name?: string };
}

// EventBridge calls handler with every event that a rule selects. An event can come twice: its ID tells.
export const handler = async (event: RuleEvent, context: Context) => {
  log("event received", context, { id: event.id, type: event["detail-type"] });
  await work(event.detail, context);
  return { done: event.id };
};

// Does what one message asks for.
async function work(message: { name?: string }, context: Context) {
  if (!message.name) throw new Error("the message names nobody");
  log(`Hello, ${message.name}!`, context);
}

// Writes one line of JSON, which CloudWatch Logs can search by field.
function log(message: string, context: Context, fields: object = {}) {
  console.log(JSON.stringify({ message, requestId: context.awsRequestId, ...fields }));
}
