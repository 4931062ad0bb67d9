# frozen_string_literal: true

require "json"

module Search
  module Handler
    # Lambda calls process with every event, any JSON object.
    def self.process(event:, context:)
      puts JSON.generate(message: "event received", request_id: context.aws_request_id, keys: event.keys.sort)
      { greeting: "Hello, #{event.fetch("name", "world")}!" }
    end
  end
end
