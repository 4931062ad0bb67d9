interface Context {
  awsRequestId: string;
}

interface Changes {
  Records?: { s3: { bucket: { name: string }; object: { key: string } } }[];
}

// S3 calls handler when an object is created or removed.
export const handler = async (event: Changes, context: Context) => {
  // The event with which S3 tests a new connection has no records.
  const objects = (event.Records ?? []).map(({ s3 }) => `s3://${s3.bucket.name}/${decoded(s3.object.key)}`);
  log("objects changed", context, { objects });
  return { objects };
};

// A key comes encoded as in a form, with + for a blank.
function decoded(key: string) {
  return decodeURIComponent(key.replaceAll("+", " "));
}

// Writes one line of JSON, which CloudWatch Logs can search by field.
function log(message: string, context: Context, fields: object = {}) {
  console.log(JSON.stringify({ message, requestId: context.awsRequestId, ...fields }));
}
