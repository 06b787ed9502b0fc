using System.Text.Json;

using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Ledger.Tests;

/// <summary>Searches every output of a service for secrets from an event, a container log and an error of a binding.</summary>
public sealed class SecretsInOutputsTests
{
    private const string Canary = "canary-5f3c0d";
    private const string BindingError = $"""error invoking output binding teams: Post "https://contoso.webhook.office.com/webhookb2/{Canary}?sig={Canary}": connection reset""";
    private const string ContainerLog = $"deployment d could not be created\n--- inference-server\nDB_PASSWORD={Canary}\nAuthorization: Bearer {Canary}-{Canary}\npayload {Canary}-row";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_secret_is_in_logs_telemetry_records_activity_or_answers()
    {
        await using var collector = await TelemetryCollector.StartAsync(Token);
        IReadOnlyList<string> outputs;
        await using (var fixture = await StartAsync(collector))
        {
            outputs = await RunAsync(fixture);
        }

        // The record contains the log of the container, but no value whose name denotes a secret. The logs and the telemetry of the service contain no line
        // of that log.
        Assert.All(outputs, output => Assert.DoesNotContain(Canary, output.Replace($"payload {Canary}-row", "", StringComparison.Ordinal), StringComparison.Ordinal));
        Assert.Contains(collector.Exported, body => body.Contains("mlevents", StringComparison.OrdinalIgnoreCase));
        Assert.All(collector.Exported, body => Assert.DoesNotContain(Canary, body, StringComparison.Ordinal));
    }

    private static Task<LedgerFixture> StartAsync(TelemetryCollector collector) => LedgerFixture.StartAsync(
        (_, step) => step == 1 ? throw new InvalidOperationException(BindingError) : new Failed { Detail = ContainerLog },
        Token,
        [.. collector.Settings.Select(setting => (setting.Key, setting.Value))]);

    private static async Task<IReadOnlyList<string>> RunAsync(LedgerFixture fixture)
    {
        var caused = SampleEvents.Create("RunCompleted", $$$"""{"runTags":{"password":"{{{Canary}}}"}}""");
        await fixture.Runner.RunAsync(caused, [LedgerFixture.Request()], Token);
        var record = await fixture.RecordAsync(caused, record => record.IsFinished, Token);
        await fixture.Fixture.Activity.FirstAsync(action => action.Status == "failed", Token);
        var (_, list) = await fixture.Fixture.Service.AskAsync(HttpMethod.Get, "/actions", Token);
        var logs = fixture.Fixture.Service.Logs.Select(log => $"{log.Message} {log.Exception} {string.Join(' ', log.StructuredState ?? [])}").ToList();

        Assert.DoesNotContain(logs, log => log.Contains(Canary, StringComparison.Ordinal));
        Assert.Contains(logs, log => log.Contains("contoso.webhook.office.com/***", StringComparison.Ordinal));
        Assert.Contains("DB_PASSWORD=***", record.Detail, StringComparison.Ordinal);
        return [.. logs, record.Detail ?? "", list.GetRawText(), .. fixture.Fixture.Activity.All.Select(action => JsonSerializer.Serialize(action))];
    }
}
