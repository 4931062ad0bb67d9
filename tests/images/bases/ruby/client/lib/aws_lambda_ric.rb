# frozen_string_literal: true

require "json"
require "net/http"

$stdout.sync = true

# What a handler is given beside the event.
class LambdaContext
  attr_reader :aws_request_id, :deadline_ms

  def initialize(answer)
    @aws_request_id = answer["Lambda-Runtime-Aws-Request-Id"]
    @deadline_ms = answer["Lambda-Runtime-Deadline-Ms"].to_i
  end
end

# A client of the tests: see bin/aws_lambda_ric.
module AwsLambdaRIC
  RUNTIME = "http://#{ENV.fetch("AWS_LAMBDA_RUNTIME_API")}/2018-06-01/runtime"

  def self.start
    call = handler
    loop { answer(call) }
  rescue Exception => e # rubocop:disable Lint/RescueException - the emulator is told of all
    warn e.full_message(highlight: false)
    report("/init/error", e)
    exit 1
  end

  def self.handler
    file, *names = ENV.fetch("_HANDLER").split(".")
    raise ArgumentError, "Invalid handler #{ENV.fetch("_HANDLER")}" unless [1, 2].include?(names.size)

    $LOAD_PATH.unshift(Dir.pwd) unless $LOAD_PATH.include?(Dir.pwd)
    require file
    receiver = names.size == 2 ? Object.const_get(names.first) : Object.new
    receiver.method(names.last)
  end

  def self.answer(call)
    event = next_event
    context = LambdaContext.new(event)
    path = "/invocation/#{context.aws_request_id}"
    begin
      post("#{path}/response", call.call(event: JSON.parse(event.body), context: context))
    rescue StandardError => e
      warn e.full_message(highlight: false)
      report("#{path}/error", e)
    end
  end

  def self.next_event
    uri = URI("#{RUNTIME}/invocation/next")
    Net::HTTP.start(uri.host, uri.port, read_timeout: nil) { |http| http.get(uri.path) }
  end

  def self.report(path, error)
    post(path, { errorMessage: error.message, errorType: "Function<#{error.class}>", stackTrace: error.backtrace })
  end

  def self.post(path, body)
    Net::HTTP.post(URI("#{RUNTIME}#{path}"), JSON.generate(body), "Content-Type" => "application/json")
  end
end
