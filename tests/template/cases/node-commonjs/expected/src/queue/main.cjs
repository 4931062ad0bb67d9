// Lambda calls handler with batches of messages from a queue. The answer names those that failed, so that only
// they are delivered again; this takes an event source mapping whose FunctionResponseTypes is ReportBatchItemFailures.
exports.handler = async (event, context) => {
  const batchItemFailures = [];
  for (const { messageId, body } of event.Records) {
    try {
      await work(JSON.parse(body));
    } catch (error) {
      // Whatever is wrong with one message, the others are worked on.
      const about = { requestId: context.awsRequestId, id: messageId, error: String(error) };
      console.error(JSON.stringify({ message: "message failed", ...about }));
      batchItemFailures.push({ itemIdentifier: messageId });
    }
  }
  return { batchItemFailures };
};

// Does what one message asks for.
async function work(message) {
  if (!message.name) throw new Error("the message names nobody");
  console.log(JSON.stringify({ message: `Hello, ${message.name}!` }));
}
