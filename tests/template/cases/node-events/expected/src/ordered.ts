interface Context {
  awsRequestId: string;
}

interface OrderedBatch {
  Records: { messageId: string; body: string; attributes: { MessageGroupId: string } }[];
}

// Lambda calls handler with batches of messages from a FIFO queue. The answer names what failed and the later
// messages of its group, so that only they are delivered again, in order; this takes an event source mapping whose
// FunctionResponseTypes is ReportBatchItemFailures.
export const handler = async (event: OrderedBatch, context: Context) => {
  const batchItemFailures: { itemIdentifier: string }[] = [];
  const waiting = new Set<string>();
  for (const record of event.Records) {
    const itemIdentifier = identifierOf(record.messageId);
    const group = record.attributes.MessageGroupId;
    try {
      if (!waiting.has(group)) {
        await work(JSON.parse(record.body), context);
        continue;
      }
    } catch (error) {
      // Whatever is wrong with one group, the others are worked on.
      log("message failed", context, { id: itemIdentifier, error: String(error) });
      waiting.add(group);
    }
    batchItemFailures.push({ itemIdentifier });
  }
  return { batchItemFailures };
};

// An answer without an identifier would fail the whole batch, silently: better say why.
function identifierOf(value: string | undefined) {
  if (!value) throw new Error("the record has no identifier");
  return value;
}

// Does what one message asks for.
async function work(message: { name?: string }, context: Context) {
  if (!message.name) throw new Error("the message names nobody");
  log(`Hello, ${message.name}!`, context);
}

// Writes one line of JSON, which CloudWatch Logs can search by field.
function log(message: string, context: Context, fields: object = {}) {
  console.log(JSON.stringify({ message, requestId: context.awsRequestId, ...fields }));
}
