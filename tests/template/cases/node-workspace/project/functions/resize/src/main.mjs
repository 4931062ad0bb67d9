import { day } from "@shop/shapes";

export const handler = async (event) => ({ greeting: `Hello, ${event.name ?? "world"}!`, day });
