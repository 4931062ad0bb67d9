using System.Text.Json.Nodes;

namespace Example;

/// <summary>API Gateway calls it for every request (HTTP API, payload format 2.0).</summary>
public static class Handler
{
    public static JsonNode Answer(JsonNode request, string requestId)
    {
        Log("request received", requestId, (string?)request["rawPath"] ?? "");
        // API Gateway leaves the key out when there is no query string.
        var name = (string?)request["queryStringParameters"]?["name"] ?? "world";
        return Respond(200, new JsonObject { ["greeting"] = $"Hello, {name}!" });
    }

    /// <summary>Gives the answer the shape that API Gateway wants: the body is a string.</summary>
    private static JsonObject Respond(int status, JsonObject body) => new()
    {
        ["statusCode"] = status,
        ["headers"] = new JsonObject { ["content-type"] = "application/json" },
        ["body"] = body.ToJsonString(),
    };

    private static void Log(string message, string requestId, string about)
    {
        var line = new JsonObject { ["message"] = message, ["requestId"] = requestId, ["about"] = about };
        Console.WriteLine(line.ToJsonString());
    }
}
