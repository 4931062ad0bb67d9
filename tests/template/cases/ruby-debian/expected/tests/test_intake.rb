# frozen_string_literal: true

# Tests of the handler. `make test` runs them inside the image, with the gems and limits it has there.
require "json"
require "minitest/autorun"
require_relative "../src/intake"

class TestIntake < Minitest::Test
  Context = Struct.new(:aws_request_id)
  CONTEXT = Context.new("00000000-0000-0000-0000-000000000000")

  def setup
    @event = JSON.parse(File.read("#{__dir__}/../events/intake.json"))
  end

  def test_works_on_every_message
    assert_equal({ batchItemFailures: [] }, call(@event))
  end

  def test_names_what_failed
    wrong = @event["Records"].first.merge("messageId" => "wrong", "body" => "{}")
    answer = call("Records" => [*@event["Records"], wrong])
    assert_equal({ batchItemFailures: [{ itemIdentifier: "wrong" }] }, answer)
  end

  private

  # Calls the handler as Lambda does.
  def call(event)
    Object.new.send(:handler, event: event, context: CONTEXT)
  end
end
