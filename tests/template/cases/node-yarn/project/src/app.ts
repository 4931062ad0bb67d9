import ms from "ms";

export const handler = async (event: { name?: string }) => {
  if (event.name === "nobody") throw new Error("nobody is there");
  return { greeting: `Hello, ${event.name ?? "world"}!`, day: ms("1 day") };
};
