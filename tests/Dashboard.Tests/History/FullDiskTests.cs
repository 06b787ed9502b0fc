using System.Net.Http.Json;
using System.Text.Json;

using MLEvents.Dashboard.History;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Dashboard.Tests.History;

/// <summary>The disk of the history is full: the dashboard reports it, and no message in the broker is lost.</summary>
public sealed class FullDiskTests : IAsyncDisposable
{
    private const int Events = 60;
    private readonly DashboardFixture _dashboard = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _dashboard.DisposeAsync();

    [Fact]
    public async Task A_full_disk_is_reported_and_the_history_catches_up_when_there_is_room()
    {
        using var disk = BoundedVolume.Mount(Path.Combine(_dashboard.Fixture.Folder.Path, "disk"));
        _dashboard.Fixture.Settings["History:File"] = Path.Combine(disk.Folder, "dashboard.db");
        await _dashboard.StartAsync(Token);
        _dashboard.Fixture.Service.Expected = log => log.Category?.Contains("MLEvents", StringComparison.Ordinal) == true;
        var first = await _dashboard.PublishAsync(SampleEvents.Create("RunCompleted", id: "first"), Token);
        disk.Fill();

        // The database file may still have free pages. All events together need more space than these pages have.
        var events = Enumerable.Range(0, Events).Select(number => SampleEvents.Create("RunCompleted", $$"""{"log": "{{new string('x', 20_000)}}"}""", id: $"late-{number}")).ToList();
        await Task.WhenAll(events.Select(workflowEvent => _dashboard.Fixture.PublishAsync(workflowEvent, Token)));
        var health = await Poll.UntilAsync(_ => HistoryHealthAsync(), check => check.GetProperty("status").GetString() == "Degraded", Token);
        var page = await _dashboard.UntilAsync("/", text => text.Contains("run-completed", StringComparison.Ordinal), Token);
        var earlier = await _dashboard.ReadAsync(first, Token);
        using var ready = await _dashboard.Fixture.Service.Client.GetAsync(new Uri("/readyz", UriKind.Relative), Token);
        disk.Empty();

        foreach (var workflowEvent in events)
        {
            await _dashboard.UntilAsync($"/events/{EventKey.From(workflowEvent.Source, workflowEvent.Id)}", _ => true, Token);
        }

        Assert.Contains("has not accepted writes since", health.GetProperty("description").GetString(), StringComparison.Ordinal);
        Assert.Contains("new events and changes wait in the broker. Reason: ", health.GetProperty("description").GetString(), StringComparison.Ordinal);
        Assert.Contains("The history database has not accepted writes since", page, StringComparison.Ordinal);
        Assert.Contains("newer events wait in the broker. Reason: ", page, StringComparison.Ordinal);
        Assert.Contains("Broker backlog", page, StringComparison.Ordinal);
        Assert.Contains("first", earlier, StringComparison.Ordinal);
        Assert.True(ready.IsSuccessStatusCode);
        Assert.Equal("Healthy", (await HistoryHealthAsync()).GetProperty("status").GetString());
        Assert.DoesNotContain("has not accepted writes", await _dashboard.ReadAsync("/", Token), StringComparison.Ordinal);
        Assert.Empty(_dashboard.Fixture.DeadLetters.All);
    }

    private async Task<JsonElement> HistoryHealthAsync()
    {
        var health = await _dashboard.Fixture.Service.Client.GetFromJsonAsync<JsonElement>("/health", Token);
        return health.GetProperty("checks").GetProperty("history").Clone();
    }
}
