using System.Text.Json.Nodes;

namespace Example;

/// <summary>Greets the person that the event names: the event is any JSON object that the caller sends.</summary>
public static class Handler
{
    public static JsonNode Answer(JsonNode request, string requestId)
    {
        var name = (string?)request["name"] ?? "world";
        Log("event received", requestId, name);
        return new JsonObject { ["greeting"] = $"Hello, {name}!" };
    }

    private static void Log(string message, string requestId, string about)
    {
        var line = new JsonObject { ["message"] = message, ["requestId"] = requestId, ["about"] = about };
        Console.WriteLine(line.ToJsonString());
    }
}
