interface Context {
  awsRequestId: string;
}

interface Message {
  data: string;
}

interface Messages {
  messages?: Message[];
  rmqMessagesByQueue?: Record<string, Message[]>;
}

// Lambda calls handler with batches of messages from a broker: ActiveMQ, or the queues of RabbitMQ. There is no
// partial answer: an error brings the whole batch again, and every message may come more than once.
export const handler = async (event: Messages, context: Context) => {
  const messages = event.messages ?? Object.values(event.rmqMessagesByQueue ?? {}).flat();
  log("batch received", context, { messages: messages.length });
  for (const { data } of messages) await work(JSON.parse(Buffer.from(data, "base64").toString()), context);
  return { messages: messages.length };
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
