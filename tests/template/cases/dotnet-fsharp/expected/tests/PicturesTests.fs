module PicturesTests

open System
open System.IO
open System.Text.Json.Nodes
open Xunit

let private event () =
    JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "events/pictures.json")))

let private answer (request: JsonNode) = Shop.PicturesAnswers.answer request "00000000-0000-0000-0000-000000000000"
let private parse (json: string) = JsonNode.Parse(json)
let private text (key: string) (node: JsonNode) = string (node.Item(key))

[<Fact>]
let ``names the objects that changed`` () =
    let objects = (answer (event ())).Item("objects").AsArray()
    Assert.Equal<string>("s3://pictures/2026/a picture of Ada.jpg", string (objects.Item(0)))
