using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

using Microsoft.Extensions.Options;

namespace MLEvents.Notifier.Tests;

public sealed class NotifierServiceTests : IAsyncDisposable
{
    private const string Alerts = """
        alerts:
          - name: tell
            when: { includedEventTypes: [RunCompleted] }
            send: { channel: email, to: [ann@example.org] }
        """;

    private readonly NotifierFixture _fixture = new(Alerts);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task It_subscribes_to_every_topic_of_events_and_to_approvals_with_a_dead_letter_topic()
    {
        await _fixture.Fixture.StartServiceAsync(Token);

        var subscriptions = await _fixture.Fixture.Service.Sidecar.GetFromJsonAsync<JsonElement>("/dapr/subscribe", Token);

        Assert.Equal(
            ["approvals", "dataset-drift-detected", "model-deployed", "model-registered", "other-events", "run-completed", "run-status-changed"],
            subscriptions.EnumerateArray().Select(subscription => subscription.GetProperty("topic").GetString()).Order(StringComparer.Ordinal));
        Assert.All(subscriptions.EnumerateArray(), subscription => Assert.Equal("dead-letters", subscription.GetProperty("deadLetterTopic").GetString()));
    }

    [Fact]
    public async Task Health_tells_the_version_of_the_rules_and_that_a_broken_edit_is_not_in_force()
    {
        await _fixture.StartAsync(Token);
        _fixture.Fixture.Service.Expected = log => log.Category?.Contains("Rule", StringComparison.Ordinal) == true;
        var good = await RulesHealthAsync();

        _fixture.Fixture.Folder.Write("rules/alerts.yaml", "alerts: [nonsense");
        var broken = good;
        while (broken.GetProperty("status").GetString() == "Healthy")
        {
            broken = await RulesHealthAsync();
        }

        Assert.Matches("^[0-9a-f]{12}$", good.GetProperty("data").GetProperty("version").GetString());
        Assert.Equal("Degraded", broken.GetProperty("status").GetString());
        Assert.Equal(HttpStatusCode.OK, (await _fixture.Fixture.Service.Client.GetAsync(new Uri("/readyz", UriKind.Relative), Token)).StatusCode);
    }

    [Theory]
    [InlineData("Mail:From", "", "Mail__From")]
    [InlineData("Mail:Port", "0", "Port")]
    [InlineData("Mail:Timeout", "01:00:00", "Timeout")]
    public async Task A_wrong_setting_stops_the_start_and_is_named(string setting, string value, string named)
    {
        _fixture.Fixture.Settings[setting] = value;

        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => _fixture.Fixture.StartServiceAsync(Token));

        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
    }

    private async Task<JsonElement> RulesHealthAsync()
    {
        var health = await _fixture.Fixture.Service.Client.GetFromJsonAsync<JsonElement>("/health", Token);
        return health.GetProperty("checks").GetProperty("AlertRules");
    }
}
