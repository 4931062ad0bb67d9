// Lambda calls it with batches of messages from a queue. The answer names those that failed, so that only they are
// delivered again; this takes an event source mapping whose FunctionResponseTypes is ReportBatchItemFailures.
namespace Shop

open System.IO
open System.Text
open System.Text.Json.Nodes
open Amazon.Lambda.Core

module IntakeAnswers =
    let private text (key: string) (node: JsonNode) = string (node.Item(key))

    let private log (message: string) (requestId: string) (about: string) =
        let line = JsonObject()
        line.["message"] <- JsonValue.Create(message)
        line.["requestId"] <- JsonValue.Create(requestId)
        line.["about"] <- JsonValue.Create(about)
        printfn "%s" (line.ToJsonString())

    /// Does what one message asks for.
    let private work (message: JsonNode) (requestId: string) =
        if isNull (message.Item("name")) then
            invalidArg "message" "the message names nobody"

        let name = text "name" message
        log $"Hello, {name}!" requestId ""

    let answer (request: JsonNode) (requestId: string) : JsonNode =
        let failed = JsonArray()

        for record in request.Item("Records").AsArray() do
            try
                work (JsonNode.Parse(text "body" record)) requestId
            with error ->
                // Whatever is wrong with one message, the others are worked on.
                log "message failed" requestId error.Message
                let failure = JsonObject()
                failure.["itemIdentifier"] <- JsonValue.Create(text "messageId" record)
                failed.Add(failure :> JsonNode)

        let result = JsonObject()
        result.["batchItemFailures"] <- failed
        result :> JsonNode

type Intake() =
    /// Lambda calls it with the event's JSON, and answers with what it returns.
    member _.Handle(input: Stream, context: ILambdaContext) : Stream =
        let answer = IntakeAnswers.answer (JsonNode.Parse(input)) context.AwsRequestId
        new MemoryStream(Encoding.UTF8.GetBytes(answer.ToJsonString())) :> Stream
