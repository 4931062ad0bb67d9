# frozen_string_literal: true

# Tests of the handler. `make test` runs them inside the image, with the gems and limits it has there.
require "json"
require "minitest/autorun"
require_relative "../src/app"

class TestHandler < Minitest::Test
  Context = Struct.new(:aws_request_id)
  CONTEXT = Context.new("00000000-0000-0000-0000-000000000000")

  def setup
    @event = JSON.parse(File.read("#{__dir__}/../events/api-gateway-http.json"))
  end

  def test_greets_whom_the_query_string_names
    answer = call(@event)
    assert_equal 200, answer[:statusCode]
    assert_equal "Hello, Ada!", JSON.parse(answer[:body])["greeting"]
  end

  def test_greets_the_world_without_a_query_string
    answer = call(@event.except("queryStringParameters"))
    assert_equal "Hello, world!", JSON.parse(answer[:body])["greeting"]
  end

  private

  # Calls the handler as Lambda does.
  def call(event)
    Object.new.send(:handler, event: event, context: CONTEXT)
  end
end
