using System.Net;

using Microsoft.AspNetCore.Http;

using MLEvents.Tests.Common;

using static MLEvents.Local.Simulator.Tests.RunningSimulator;

namespace MLEvents.Local.Simulator.Tests;

/// <summary>A simulator continues from the data file of a process that was killed with SIGKILL.</summary>
public sealed class KillTests : IDisposable
{
    private const string Job = Workspace + "/jobs/retrain-1";

    private readonly TempFolder _folder = new();

    private (string, string) DataFile => ("DataFile", Path.Combine(_folder.Path, "simulator.journal"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_job_interrupted_by_a_kill_completes_and_registers_its_model_once_and_no_event_is_lost()
    {
        await using var webhook = await FakeWebhook.StartAsync();
        await using (var simulator = await KillableSimulator.StartAsync(DataFile, ("Clock:Running", "01:00:00")))
        {
            await webhook.SubscribeAsync(simulator);
            await simulator.PutAsync(Job, Bodies.Job);
            await simulator.UntilAsync(Job, found => (string?)found["properties"]?["status"] == "Running");
        }

        await using (var simulator = await RunningSimulator.StartAsync(DataFile))
        {
            await simulator.UntilAsync(Job, found => (string?)found["properties"]?["status"] == "Completed");
        }

        await using var again = await RunningSimulator.StartAsync(DataFile);
        await webhook.UntilAsync(events => Statuses(events).Contains("Completed") && events.Exists(found => found.Type == "RunCompleted"));
        await webhook.UntilAsync(events => events.Exists(found => found.Type == "ModelRegistered"));

        Assert.Single((await again.ReadAsync("/state"))["models"]?.AsArray() ?? []);
        Assert.Superset(new HashSet<string?> { "NotStarted", "Starting", "Preparing", "Running", "Finalizing", "Completed" }, Statuses(webhook.Events));
        Assert.Single(webhook.Events.Where(found => found.Type == "ModelRegistered").Select(Id).Distinct());
        Assert.Single(webhook.Events.Where(found => found.Type == "RunCompleted").Select(Id).Distinct());
    }

    [Fact]
    public async Task An_event_that_the_webhook_refused_is_delivered_by_the_next_process()
    {
        await using var webhook = await FakeWebhook.StartAsync();
        webhook.OnDelivery = (http, _) =>
        {
            http.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return Task.CompletedTask;
        };
        await using (var simulator = await KillableSimulator.StartAsync(DataFile, ("RetryTimeScale", "1")))
        {
            await webhook.SubscribeAsync(simulator);
            await simulator.PostAsync("/simulate/events", DeliveryTests.Event("e-1"));
            await webhook.UntilAsync(events => events.Count == 1);
        }

        webhook.OnDelivery = (_, _) => Task.CompletedTask;
        await using var again = await RunningSimulator.StartAsync(DataFile, ("RetryTimeScale", "1"));
        var count = await DeliveryTests.CountAsync(again, found => (int?)found["delivered"] == 1);

        Assert.Equal(0, (int?)count["pending"]);
        Assert.Equal(["e-1", "e-1"], webhook.Events.Select(Id));
    }

    [Fact]
    public async Task Dead_letters_mails_and_webhook_calls_survive_a_kill()
    {
        await using var webhook = await FakeWebhook.StartAsync();
        webhook.OnDelivery = (http, _) =>
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            return Task.CompletedTask;
        };
        await using (var simulator = await KillableSimulator.StartAsync(DataFile))
        {
            await webhook.SubscribeAsync(simulator, ""","deadLetterDestination":{"endpointType":"StorageBlob"}""");
            await simulator.PostAsync("/simulate/events", DeliveryTests.Event("e-1"));
            await DeliveryTests.CountAsync(simulator, found => (int?)found["deadLettered"] == 1);
            await SmtpTests.SendAsync(simulator, "Grüße");
            using var hook = await simulator.PostAsync("/hooks/teams", """{"text":"hi"}""");
            Assert.Equal(HttpStatusCode.OK, hook.StatusCode);
        }

        await using var again = await RunningSimulator.StartAsync(DataFile);
        var inbox = await again.ReadAsync("/inbox");

        Assert.Equal("Grüße", (string?)Assert.Single(inbox["mails"]?.AsArray() ?? [])?["subject"]);
        Assert.Equal("""{"text":"hi"}""", (string?)Assert.Single(inbox["hooks"]?.AsArray() ?? [])?["body"]);
        Assert.Equal("e-1", (string?)Assert.Single((await again.ReadAsync("/dead-letters")).AsArray())?["id"]);
        Assert.Equal(1, (int?)(await again.ReadAsync("/counts"))["deadLetters"]);
    }

    private static string? Id(ReceivedEvent found) => (string?)found.Body["id"];

    private static HashSet<string?> Statuses(IEnumerable<ReceivedEvent> events) =>
        [.. events.Where(found => found.Type == "RunStatusChanged").Select(found => (string?)found.Body["data"]?["runStatus"])];
}
