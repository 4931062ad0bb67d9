using System.Text.Json.Nodes;

namespace Example;

/// <summary>EventBridge calls it on a schedule.</summary>
public static class Handler
{
    /// <summary>Does what is due at the time that the event names: the same once more, if it comes twice.</summary>
    public static JsonNode Answer(JsonNode request, string requestId)
    {
        var due = (string?)request["time"];
        Log("work is due", requestId, due ?? "");
        return new JsonObject { ["done"] = due };
    }

    private static void Log(string message, string requestId, string about)
    {
        var line = new JsonObject { ["message"] = message, ["requestId"] = requestId, ["about"] = about };
        Console.WriteLine(line.ToJsonString());
    }
}
