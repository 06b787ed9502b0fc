using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

using Microsoft.Extensions.Options;

using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

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
    public async Task The_notifier_subscribes_to_every_event_topic_and_to_approvals_and_every_subscription_has_a_dead_letter_topic()
    {
        await _fixture.Fixture.StartServiceAsync(Token);

        var subscriptions = await _fixture.Fixture.Service.Sidecar.GetFromJsonAsync<JsonElement>("/dapr/subscribe", Token);

        Assert.Equal(
            ["approvals", "dataset-drift-detected", "model-deployed", "model-registered", "other-events", "run-completed", "run-status-changed"],
            subscriptions.EnumerateArray().Select(subscription => subscription.GetProperty("topic").GetString()).Order(StringComparer.Ordinal));
        Assert.All(subscriptions.EnumerateArray(), subscription => Assert.Equal("dead-letters", subscription.GetProperty("deadLetterTopic").GetString()));
    }

    [Fact]
    public async Task Health_reports_the_version_of_the_rules_and_that_an_invalid_edit_is_not_in_force()
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

    [Fact]
    public async Task Health_is_degraded_while_the_mail_server_does_not_answer_and_is_healthy_after_the_server_accepts_a_mail()
    {
        await _fixture.StartAsync(Token);
        var before = await HealthAsync("mail");
        var port = _fixture.Mail.Port;
        await _fixture.Mail.DisposeAsync();
        await _fixture.Fixture.PublishAsync(SampleEvents.Create("RunCompleted"), Token);

        var down = await Poll.UntilAsync(_ => HealthAsync("mail"), check => check.GetProperty("status").GetString() == "Degraded", Token);
        var ready = await _fixture.Fixture.Service.Client.GetAsync(new Uri("/readyz", UriKind.Relative), Token);
        _fixture.Mail = MailReceiver.Start(port);
        var after = await Poll.UntilAsync(_ => HealthAsync("mail"), check => check.GetProperty("status").GetString() == "Healthy", Token);

        Assert.Contains("the mail server has not answered since", down.GetProperty("description").GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        Assert.Equal(before.GetProperty("description").GetString(), after.GetProperty("description").GetString());
    }

    [Theory]
    [InlineData("Mail:From", "", "Mail__From")]
    [InlineData("Mail:Port", "0", "Port")]
    [InlineData("Mail:Timeout", "01:00:00", "Timeout")]
    public async Task A_wrong_setting_stops_the_start_and_the_error_names_it(string setting, string value, string named)
    {
        _fixture.Fixture.Settings[setting] = value;

        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => _fixture.Fixture.StartServiceAsync(Token));

        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
    }

    private Task<JsonElement> RulesHealthAsync() => HealthAsync("AlertRules");

    private async Task<JsonElement> HealthAsync(string check)
    {
        var health = await _fixture.Fixture.Service.Client.GetFromJsonAsync<JsonElement>("/health", Token);
        return health.GetProperty("checks").GetProperty(check);
    }
}
