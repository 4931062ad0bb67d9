# frozen_string_literal: true

require "json"

# Lambda calls handler with batches of messages from a queue. The answer names those that failed, so that only
# they are delivered again; this takes an event source mapping whose FunctionResponseTypes is ReportBatchItemFailures.
def handler(event:, context:)
  failed = event["Records"].reject do |record|
    work(JSON.parse(record["body"]))
    true
  rescue StandardError => e
    # Whatever is wrong with one message, the others are worked on.
    about = { request_id: context.aws_request_id, id: record["messageId"], error: e.message }
    puts JSON.generate(message: "message failed", **about)
    false
  end
  { batchItemFailures: failed.map { |record| { itemIdentifier: record["messageId"] } } }
end

# Does what one message asks for.
def work(message)
  puts JSON.generate(message: "Hello, #{message.fetch("name")}!")
end
