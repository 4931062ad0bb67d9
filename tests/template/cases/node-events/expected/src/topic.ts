interface Context {
  awsRequestId: string;
}

interface Topics {
  records: Record<string, { offset: number; value?: string | null }[]>;
}

// Lambda calls handler with batches of records from a topic. The answer names the first record that failed in each
// partition: it and later ones are delivered again, in order; this takes an event source mapping whose
// FunctionResponseTypes is ReportBatchItemFailures.
export const handler = async (event: Topics, context: Context) => {
  const batchItemFailures: { itemIdentifier: { partition: string; offset: number } }[] = [];
  for (const [partition, records] of Object.entries(event.records)) {
    for (const { offset, value } of records) {
      if (!Number.isInteger(offset)) throw new Error("the record has no identifier");
      try {
        // A record without a value says that its key was deleted.
        if (value != null) await work(JSON.parse(Buffer.from(value, "base64").toString()), context);
      } catch (error) {
        // Whatever is wrong with it, the other partitions are worked on.
        log("record failed", context, { partition, offset, error: String(error) });
        batchItemFailures.push({ itemIdentifier: { partition, offset } });
        break;
      }
    }
  }
  return { batchItemFailures };
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
