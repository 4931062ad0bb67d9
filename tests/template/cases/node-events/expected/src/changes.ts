interface Context {
  awsRequestId: string;
}

interface TableChanges {
  Records: { eventName: string; dynamodb: { SequenceNumber: string; NewImage?: { name?: { S: string } } } }[];
}

// Lambda calls handler with batches of changes of a table. The answer names the first that failed: it and later
// ones are delivered again, in order; this takes an event source mapping whose FunctionResponseTypes is
// ReportBatchItemFailures.
export const handler = async (event: TableChanges, context: Context) => {
  for (const { eventName, dynamodb } of event.Records) {
    const itemIdentifier = identifierOf(dynamodb.SequenceNumber);
    try {
      // What was removed has no new image. Values come with their types: { name: { S: "Ada" } }.
      if (eventName !== "REMOVE") await work({ name: dynamodb.NewImage?.name?.S }, context);
    } catch (error) {
      // Whatever is wrong with it, the earlier ones are done.
      log("change failed", context, { id: itemIdentifier, error: String(error) });
      return { batchItemFailures: [{ itemIdentifier }] };
    }
  }
  return { batchItemFailures: [] };
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
