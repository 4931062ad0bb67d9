interface Context {
  awsRequestId: string;
}

interface Call {
  actionGroup: string;
  function: string;
  parameters?: { name: string; value: string }[];
  sessionAttributes?: Record<string, string>;
  promptSessionAttributes?: Record<string, string>;
}

// A Bedrock agent calls handler with each function of its action group. A failure is an answer too, which the agent
// can act on; it cannot on an exception.
export const handler = async (event: Call, context: Context) => {
  log("function called", context, { function: event.function });
  if (event.function !== "greet") return reply(event, "there is no such function", "FAILURE");
  const name = event.parameters?.find((row) => row.name === "name")?.value;
  if (!name) return reply(event, "ask for the name of the person", "REPROMPT");
  return reply(event, `Hello, ${name}!`);
};

// Gives the answer the shape that an agent wants.
function reply(event: Call, text: string, responseState?: string) {
  const { actionGroup, function: name, sessionAttributes = {}, promptSessionAttributes = {} } = event;
  const responseBody = { TEXT: { body: text } };
  const functionResponse = responseState ? { responseState, responseBody } : { responseBody };
  const response = { actionGroup, function: name, functionResponse };
  return { messageVersion: "1.0", response, sessionAttributes, promptSessionAttributes };
}

// Writes one line of JSON, which CloudWatch Logs can search by field.
function log(message: string, context: Context, fields: object = {}) {
  console.log(JSON.stringify({ message, requestId: context.awsRequestId, ...fields }));
}
