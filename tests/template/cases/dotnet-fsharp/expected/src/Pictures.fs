// S3 calls it when an object is created or removed.
namespace Shop

open System.IO
open System.Text
open System.Text.Json.Nodes
open Amazon.Lambda.Core

module PicturesAnswers =
    let private text (key: string) (node: JsonNode) = string (node.Item(key))

    let private log (message: string) (requestId: string) (about: string) =
        let line = JsonObject()
        line.["message"] <- JsonValue.Create(message)
        line.["requestId"] <- JsonValue.Create(requestId)
        line.["about"] <- JsonValue.Create(about)
        printfn "%s" (line.ToJsonString())

    let answer (request: JsonNode) (requestId: string) : JsonNode =
        let objects = JsonArray()

        for record in request.Item("Records").AsArray() do
            let s3 = record.Item("s3")
            // A key comes encoded as in a form, with + for a blank.
            let key = System.Net.WebUtility.UrlDecode(text "key" (s3.Item("object")))
            let bucket = text "name" (s3.Item("bucket"))
            objects.Add(JsonValue.Create($"s3://{bucket}/{key}") :> JsonNode)

        log "objects changed" requestId (objects.ToJsonString())
        let result = JsonObject()
        result.["objects"] <- objects
        result :> JsonNode

type Pictures() =
    /// Lambda calls it with the event's JSON, and answers with what it returns.
    member _.Handle(input: Stream, context: ILambdaContext) : Stream =
        let answer = PicturesAnswers.answer (JsonNode.Parse(input)) context.AwsRequestId
        new MemoryStream(Encoding.UTF8.GetBytes(answer.ToJsonString())) :> Stream
