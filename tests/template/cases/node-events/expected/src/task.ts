interface Context {
  awsRequestId: string;
}

interface Order {
  orderId: string;
  attempt?: number;
  prices?: unknown[];
}

// The input cannot be worked on; another attempt would not help. Retry and Catch of the state machine name it.
class InvalidOrder extends Error {
  name = "InvalidOrder";
}

// A state machine calls handler with the input of a task. What is returned is the result of the state.
export const handler = async (event: Order, context: Context) => {
  log("task started", context, { attempt: event.attempt ?? 1 });
  const prices = event.prices ?? [];
  if (!prices.length || !prices.every((price) => Number.isInteger(price))) {
    throw new InvalidOrder("an order needs prices, which are whole numbers");
  }
  return { orderId: event.orderId, total: prices.reduce((total: number, price) => total + Number(price), 0) };
};

// Writes one line of JSON, which CloudWatch Logs can search by field.
function log(message: string, context: Context, fields: object = {}) {
  console.log(JSON.stringify({ message, requestId: context.awsRequestId, ...fields }));
}
