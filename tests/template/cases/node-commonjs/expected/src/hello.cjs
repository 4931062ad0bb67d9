// Lambda calls handler with every event, any JSON object.
exports.handler = async (event, context) => {
  const keys = Object.keys(event).sort();
  console.log(JSON.stringify({ message: "event received", requestId: context.awsRequestId, keys }));
  return { greeting: `Hello, ${event.name ?? "world"}!` };
};
