using System.Text.Json.Nodes;
using Example;
using Xunit;

public class HandlerTests
{
    private static JsonNode Event() =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "events/schedule.json")))!;

    [Fact]
    public void DoesWhatIsDue() => Assert.Equal("2026-01-31T06:00:00Z", (string?)Answer(Event())["done"]);

    private static JsonNode Answer(JsonNode request) =>
        Handler.Answer(request, "00000000-0000-0000-0000-000000000000");
}
