using System.Net.Http.Json;
using System.Text.Json;

using MLEvents.Local.Simulator;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Notifier.Tests;

/// <summary>The results of the repository's sample rules: messages in the simulator's inbox, and archived events.</summary>
public sealed class SampleRulesTests : IAsyncLifetime
{
    private readonly ServiceFixture _fixture = new("notifier", configure => NotifierService.Create([], configure));
    private RunningService? _simulator;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private HttpClient Simulator => _simulator?.Client ?? throw new InvalidOperationException("The simulator is not started.");

    public async ValueTask InitializeAsync()
    {
        _simulator = await RunningService.StartAsync(
            configure => SimulatorService.Create([], configure), [new("Simulator:SmtpPort", "0")], Token);
        var state = await Simulator.GetFromJsonAsync<JsonElement>("/state", Token);
        _fixture.Component("teams", "bindings.http", ("url", $"{Simulator.BaseAddress}hooks/teams"));
        _fixture.Component("archive", "bindings.localstorage", ("rootPath", "archive"));
        _fixture.Settings["Rules:Directory"] = Repository.PathOf("rules");
        _fixture.Settings["Mail:Host"] = "127.0.0.1";
        _fixture.Settings["Mail:Port"] = state.GetProperty("smtpPort").GetRawText();
        _fixture.Settings["Mail:From"] = "alerts@example.org";
        await _fixture.StartAsync(Token);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _fixture.DisposeAsync();
        }
        finally
        {
            await (_simulator?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    [Fact]
    public async Task Drift_is_mailed_with_its_coefficient_and_a_link_to_the_run()
    {
        var drift = SampleEvents.Create("DatasetDriftDetected", """{"dataDriftName":"churn-monitor","driftCoefficient":0.83,"runId":"r1"}""", "datadrift/d1/run/r1");

        await _fixture.PublishAsync(drift, Token);
        var end = await _fixture.EndOfAsync("drift", drift, Token);
        var mail = (await Simulator.GetFromJsonAsync<JsonElement>("/inbox?kind=mail", Token)).GetProperty("mails")[0];

        Assert.Equal("succeeded", end.Status);
        Assert.Equal($"DatasetDriftDetected in ml-local: {drift.Subject}".TrimEnd(), mail.GetProperty("subject").GetString());
        Assert.Contains("0.83", mail.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Contains("/runs/r1", mail.GetProperty("html").GetString(), StringComparison.Ordinal);
        Assert.Equal(end.ActionId, mail.GetProperty("headers").GetProperty("X-MLEvents-Action").GetString());
    }

    [Fact]
    public async Task A_registered_model_is_reported_in_the_channel_and_a_finished_run_is_archived_unchanged()
    {
        var model = SampleEvents.Create("ModelRegistered", """{"modelName":"churn","modelVersion":7}""", "models/churn:7");
        var run = SampleEvents.Create("RunCompleted", """{"experimentName":"churn","runId":"r1","metrics":{"auc":0.90}}""");

        await _fixture.PublishAsync(model, Token);
        await _fixture.PublishAsync(run, Token);
        var (sent, archived) = (await _fixture.EndOfAsync("model-registered", model, Token), await _fixture.EndOfAsync("archive-completed-runs", run, Token));
        var hook = (await Simulator.GetFromJsonAsync<JsonElement>("/inbox?kind=hook", Token)).GetProperty("hooks")[0];
        var file = Assert.Single(Directory.EnumerateFiles(_fixture.Folder.Path, $"{run.Id}.json", SearchOption.AllDirectories));
        using var envelope = JsonDocument.Parse(await File.ReadAllTextAsync(file, Token));

        Assert.Equal(("succeeded", "succeeded"), (sent.Status, archived.Status));
        Assert.Contains("churn has a new version, 7", hook.GetProperty("body").GetString(), StringComparison.Ordinal);
        Assert.True(JsonElement.DeepEquals(run.Data, envelope.RootElement.GetProperty("data")));
        Assert.Equal("0.90", envelope.RootElement.GetProperty("data").GetProperty("metrics").GetProperty("auc").GetRawText());
    }
}
