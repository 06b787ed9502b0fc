using System.Net.Http.Json;
using System.Text.Json.Nodes;

using MLEvents.EndToEnd.Running;
using MLEvents.Tests.Common;

namespace MLEvents.EndToEnd;

public sealed class HotReloadTests : IDisposable
{
    private const string Subject = "subject: \"Run failed in";
    private const int Notifier = 1;
    private readonly RulesFolder _rules = new();
    private readonly TempFolder _data = new();
    private readonly HttpClient _http = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_broken_rule_file_is_reported_and_the_old_rules_stay_in_force_until_the_file_is_repaired()
    {
        await using var host = await LocalHost.StartReadyAsync(_data.Path, Token, more: ["--rules", _rules.Path]);
        var before = await HealthAsync(host, _ => true);

        _rules.Edit("alerts.yaml", Subject, "sbuject: \"Run failed in");
        var broken = await HealthAsync(host, check => (string?)check["status"] == "Degraded");
        var underOldRules = await SubjectOfNextMailAsync(host);
        _rules.Edit("alerts.yaml", "sbuject: \"Run failed in", "subject: \"Changed: run failed in");
        var repaired = await HealthAsync(host, check => (string?)check["status"] == "Healthy");
        var underNewRules = await SubjectOfNextMailAsync(host);

        Assert.Matches(@"alerts\.yaml\(\d+,\d+\): .*sbuject.*subject", (string?)broken["data"]?["error"]);
        Assert.Equal((string?)before["data"]?["version"], (string?)broken["data"]?["version"]);
        Assert.Equal("Run failed in reloaded", underOldRules);
        Assert.NotEqual((string?)before["data"]?["version"], (string?)repaired["data"]?["version"]);
        Assert.Equal("Changed: run failed in reloaded", underNewRules);
    }

    public void Dispose()
    {
        _http.Dispose();
        _rules.Dispose();
        _data.Dispose();
    }

    private static async Task<string?> SubjectOfNextMailAsync(LocalHost host)
    {
        var failed = Events.RunFailed("reloaded");
        await host.Ingress.DeliverAsync(Token, failed);
        return (await host.Simulator.MailAsync(failed.Id(), Token)).Subject;
    }

    private Task<JsonNode> HealthAsync(LocalHost host, Func<JsonNode, bool> fits) => Poll.UntilAsync(
        async token => (await _http.GetFromJsonAsync<JsonNode>(host.Service(Notifier, "/health"), token))?["checks"]?["AlertRules"] ?? new JsonObject(),
        fits,
        Token);
}
