interface Context {
  awsRequestId: string;
}

interface Notification {
  Records: { Sns: { MessageId: string; Message: string } }[];
}

// SNS calls handler with every message of a topic, and again if it throws. A message can come twice: its ID tells.
export const handler = async (event: Notification, context: Context) => {
  const [record] = event.Records;
  if (!record) throw new Error("the event has no record");
  log("message received", context, { id: record.Sns.MessageId });
  await work(JSON.parse(record.Sns.Message), context);
  return { done: record.Sns.MessageId };
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
