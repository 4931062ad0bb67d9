// Lambda calls handler with batches of messages from a queue. The answer names those that failed, so that only
// they are delivered again; this takes an event source mapping whose FunctionResponseTypes is ReportBatchItemFailures.
exports.handler = async (event, context) => {
  const batchItemFailures = [];
  for (const record of event.Records) {
    const itemIdentifier = identifierOf(record.messageId);
    try {
      await work(JSON.parse(record.body), context);
    } catch (error) {
      // Whatever is wrong with one message, the others are worked on.
      log("message failed", context, { id: itemIdentifier, error: String(error) });
      batchItemFailures.push({ itemIdentifier });
    }
  }
  return { batchItemFailures };
};

// An answer without an identifier would fail the whole batch, silently: better say why.
function identifierOf(value) {
  if (!value) throw new Error("the record has no identifier");
  return value;
}

// Does what one message asks for.
async function work(message, context) {
  if (!message.name) throw new Error("the message names nobody");
  log(`Hello, ${message.name}!`, context);
}

// Writes one line of JSON, which CloudWatch Logs can search by field.
function log(message, context, fields = {}) {
  console.log(JSON.stringify({ message, requestId: context.awsRequestId, ...fields }));
}
