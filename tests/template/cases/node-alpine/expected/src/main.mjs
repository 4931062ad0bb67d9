// S3 calls handler when an object is created or removed.
export const handler = async (event, context) => {
  const objects = event.Records.map(({ s3 }) => `s3://${s3.bucket.name}/${decoded(s3.object.key)}`);
  console.log(JSON.stringify({ message: "objects changed", requestId: context.awsRequestId, objects }));
  return { objects };
};

// A key comes encoded as in a form, with + for a blank.
function decoded(key) {
  return decodeURIComponent(key.replaceAll("+", " "));
}
