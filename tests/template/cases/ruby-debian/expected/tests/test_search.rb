# frozen_string_literal: true

# Tests of the handler. `make test` runs them inside the image, with the gems and limits it has there.
require "json"
require "minitest/autorun"
require_relative "../src/search/app"

class TestSearch < Minitest::Test
  Context = Struct.new(:aws_request_id)
  CONTEXT = Context.new("00000000-0000-0000-0000-000000000000")

  def setup
    @event = JSON.parse(File.read("#{__dir__}/../events/search.json"))
  end

  def test_greets_whom_the_event_names
    assert_equal "Hello, Ada!", call(@event)[:greeting]
  end

  def test_greets_the_world_without_a_name
    assert_equal "Hello, world!", call({})[:greeting]
  end

  private

  # Calls the handler as Lambda does.
  def call(event)
    Search::Handler.process(event: event, context: CONTEXT)
  end
end
