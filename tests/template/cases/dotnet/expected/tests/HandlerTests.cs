using System.Text.Json.Nodes;
using Example;
using Xunit;

public class HandlerTests
{
    private static JsonNode Event() =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "events/api-gateway-http.json")))!;

    [Fact]
    public void GreetsThePersonThatTheQueryStringNames()
    {
        var answer = Answer(Event());
        Assert.Equal(200, (int?)answer["statusCode"]);
        Assert.Equal("Hello, Ada!", (string?)JsonNode.Parse((string)answer["body"]!)!["greeting"]);
    }

    [Fact]
    public void GreetsTheWorldWithoutAQueryString()
    {
        var answer = Answer(new JsonObject { ["rawPath"] = "/" });
        Assert.Equal("Hello, world!", (string?)JsonNode.Parse((string)answer["body"]!)!["greeting"]);
    }

    private static JsonNode Answer(JsonNode request) =>
        Handler.Answer(request, "00000000-0000-0000-0000-000000000000");
}
