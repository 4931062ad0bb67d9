using System.Text.Json.Nodes;
using Example;
using Xunit;

public class HandlerTests
{
    private static JsonNode Event() =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "events/event.json")))!;

    [Fact]
    public void GreetsThePersonThatTheEventNames() => Assert.Equal("Hello, Ada!", (string?)Answer(Event())["greeting"]);

    [Fact]
    public void GreetsTheWorldWithoutAName() =>
        Assert.Equal("Hello, world!", (string?)Answer(new JsonObject())["greeting"]);

    private static JsonNode Answer(JsonNode request) =>
        Handler.Answer(request, "00000000-0000-0000-0000-000000000000");
}
