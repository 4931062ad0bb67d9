interface Context {
  awsRequestId: string;
}

interface Trigger {
  triggerSource: string;
  request: { userAttributes: { email?: string } };
  response: Record<string, unknown>;
}

// A user pool calls handler when somebody signs up, waits up to five seconds, and wants the whole event back, with
// the response in it. Those with an address of ours are confirmed.
export const handler = async (event: Trigger, context: Context) => {
  log("trigger received", context, { trigger: event.triggerSource });
  if (event.triggerSource === "PreSignUp_SignUp") {
    const address = event.request.userAttributes.email ?? "";
    // The user sees the message.
    if (!address.includes("@")) throw new Error("An address is needed to sign up.");
    event.response.autoConfirmUser = address.endsWith("@example.com");
  }
  return event;
};

// Writes one line of JSON, which CloudWatch Logs can search by field.
function log(message: string, context: Context, fields: object = {}) {
  console.log(JSON.stringify({ message, requestId: context.awsRequestId, ...fields }));
}
