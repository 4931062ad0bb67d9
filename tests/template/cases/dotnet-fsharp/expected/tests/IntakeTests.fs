module IntakeTests

open System
open System.IO
open System.Text.Json.Nodes
open Xunit

let private event () =
    JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "events/intake.json")))

let private answer (request: JsonNode) = Shop.IntakeAnswers.answer request "00000000-0000-0000-0000-000000000000"
let private parse (json: string) = JsonNode.Parse(json)
let private text (key: string) (node: JsonNode) = string (node.Item(key))

[<Fact>]
let ``works on every message`` () =
    Assert.Empty((answer (event ())).Item("batchItemFailures").AsArray())

[<Fact>]
let ``names what failed`` () =
    let request = event ()
    request.Item("Records").AsArray().Add(parse """{"messageId": "wrong", "body": "{}"}""")
    let failed = (answer request).Item("batchItemFailures").AsArray()
    Assert.Equal<int>(1, failed.Count)
    Assert.Equal<string>("wrong", text "itemIdentifier" (failed.Item(0)))
