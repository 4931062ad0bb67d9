import ms from "ms";

export const day = ms("1 day");
