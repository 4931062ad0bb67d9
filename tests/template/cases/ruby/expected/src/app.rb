# frozen_string_literal: true

require "json"

# API Gateway calls handler for every request (HTTP API, payload format 2.0).
def handler(event:, context:)
  http = event["requestContext"]["http"].slice("method", "path")
  puts JSON.generate(message: "request received", request_id: context.aws_request_id, **http)
  # API Gateway leaves the key out when there is no query string.
  name = event.dig("queryStringParameters", "name") || "world"
  respond(200, greeting: "Hello, #{name}!")
end

# Gives the answer the shape that API Gateway wants: the body is a string.
def respond(status, body)
  { statusCode: status, headers: { "content-type": "application/json" }, body: JSON.generate(body) }
end
