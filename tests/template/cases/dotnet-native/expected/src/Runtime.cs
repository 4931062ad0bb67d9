using System.Text.Json.Nodes;

namespace Example;

/// <summary>
/// A client for Lambda's runtime API without packages. Replace it with Amazon.Lambda.RuntimeSupport, which has hooks
/// for SnapStart, response streaming and typed events.
/// </summary>
public static class Runtime
{
    /// <summary>Answers events until Lambda ends the process.</summary>
    public static async Task RunAsync(Func<JsonNode, string, JsonNode> answer)
    {
        var host = Environment.GetEnvironmentVariable("AWS_LAMBDA_RUNTIME_API");
        var address = $"http://{host}/2018-06-01/runtime/invocation";
        using var client = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        while (true)
        {
            using var next = await client.GetAsync($"{address}/next");
            next.EnsureSuccessStatusCode();
            var id = next.Headers.GetValues("Lambda-Runtime-Aws-Request-Id").Single();
            var (path, body) = Try(answer, await next.Content.ReadAsStringAsync(), id);
            using var sent = await client.PostAsync($"{address}/{id}/{path}", new StringContent(body));
        }
    }

    private static (string Path, string Body) Try(Func<JsonNode, string, JsonNode> answer, string text, string id)
    {
        try
        {
            return ("response", answer(JsonNode.Parse(text)!, id).ToJsonString());
        }
        catch (Exception error)
        {
            Console.Error.WriteLine(error);
            var report = new JsonObject { ["errorMessage"] = error.Message, ["errorType"] = error.GetType().Name };
            return ("error", report.ToJsonString());
        }
    }
}
