using System.Text.Json;
using System.Text.Json.Nodes;

using MLEvents.Local.Sidecar.Tests.Infrastructure;

namespace MLEvents.Local.Sidecar.Tests.Recordings;

/// <summary>
/// Replays 02-startup-subscriptions-routing.json: declarative and programmatic subscriptions, and the route of each event.
/// Subscriptions with routing rules are left out, because the embedded sidecar refuses them.
/// </summary>
public sealed class SubscriptionRecordingTests : IDisposable
{
    private const string File = "02-startup-subscriptions-routing.json";
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_event_takes_the_recorded_route()
    {
        var routing = Recording.Open(File).GetProperty("routing");
        await using var app = await FakeApp.StartAsync(configure: app => app.Subscriptions = Programmatic(routing));
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Components + Declarative(routing));

        var refused = RefusedTopics(routing);
        foreach (var recorded in routing.GetProperty("cases").EnumerateArray().Where(recorded => !refused.Contains(recorded.GetProperty("topic").GetString())))
        {
            var before = app.Deliveries.Count;
            await PublishAsync(sidecar, recorded);
            await sidecar.WaitForIdleAsync();

            var expected = recorded.GetProperty("deliveredTo").EnumerateArray().Select(line => (line.GetString() ?? "").Replace(" HTTP/1.1", "", StringComparison.Ordinal));
            Assert.Equal((recorded.GetRawText(), string.Join(", ", expected)), (recorded.GetRawText(), string.Join(", ", app.Deliveries.Skip(before).Select(call => call.Line))));
        }
    }

    [Fact]
    public async Task Metadata_lists_subscriptions_as_daprd_does()
    {
        var routing = Recording.Open(File).GetProperty("routing");
        await using var app = await FakeApp.StartAsync(configure: app => app.Subscriptions = Programmatic(routing));
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Components + Declarative(routing));

        var metadata = await sidecar.Http.GetStringAsync(new Uri("/v1.0/metadata", UriKind.Relative), TestContext.Current.CancellationToken);

        var expected = JsonNode.Parse(routing.GetProperty("metadata").GetProperty("subscriptions").GetRawText())?.AsArray();
        var refused = RefusedTopics(routing);
        expected?.RemoveAll(item => refused.Contains((string?)item?["topic"]));
        Assert.True(JsonNode.DeepEquals(expected, JsonNode.Parse(metadata)?["subscriptions"]), metadata);
    }

    [Fact]
    public async Task The_sidecar_requests_the_configuration_and_the_subscriptions_of_the_app_as_daprd_does()
    {
        var recorded = Recording.Open(File).GetProperty("app_starts_late").GetProperty("appSaw");
        await using var app = await FakeApp.StartAsync();
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Components);

        Assert.Equal(recorded.EnumerateArray().Take(2).Select(Question), app.All.Select(Question));
    }

    private static string Components => Yaml.Component("mem", "pubsub.in-memory", "concurrency: 1") + Yaml.Component("rps", "pubsub.in-memory");

    private static string Question(JsonElement recorded) => Question(
        (recorded.GetProperty("request").GetString() ?? "").Replace(" HTTP/1.1", "", StringComparison.Ordinal),
        recorded.GetProperty("headers").EnumerateArray().Select(header => (header[0].GetString() ?? "", header[1].GetString() ?? "")));

    private static string Question(Call call) => Question(call.Line, call.Headers.Select(header => (header.Key, header.Value)));

    private static string Question(string line, IEnumerable<(string Name, string Value)> headers) =>
        line + "\n" + string.Join('\n', headers.Where(header => header.Name is not ("Host" or "Content-Length")).Select(header => $"{header.Name}: {header.Value}").Order(StringComparer.OrdinalIgnoreCase));

    /// <summary>The topics of subscriptions that the embedded sidecar refuses.</summary>
    private static HashSet<string?> RefusedTopics(JsonElement routing) =>
    [
        "decl",
        .. routing.GetProperty("subscribeAnswer").EnumerateArray().Where(HasRules).Select(item => item.GetProperty("topic").GetString()),
    ];

    private static bool HasRules(JsonElement item) => item.TryGetProperty("routes", out var routes) && routes.TryGetProperty("rules", out _);

    private static string Programmatic(JsonElement routing) =>
        JsonSerializer.Serialize(routing.GetProperty("subscribeAnswer").EnumerateArray().Where(item => !HasRules(item)));

    private static string Declarative(JsonElement routing) => string.Join("---\n", (routing.GetProperty("declarative").GetString() ?? "")
        .Split("---\n").Where(document => !document.Contains("rules:", StringComparison.Ordinal)));

    private static async Task PublishAsync(TestSidecar sidecar, JsonElement recorded)
    {
        using var body = new StringContent(recorded.GetProperty("event").GetRawText(), null, "application/cloudevents+json");
        var path = new Uri($"/v1.0/publish/mem/{recorded.GetProperty("topic").GetString()}", UriKind.Relative);
        using var answer = await sidecar.Http.PostAsync(path, body, TestContext.Current.CancellationToken);
        Assert.Equal(recorded.GetProperty("publish").GetInt32(), (int)answer.StatusCode);
    }
}
