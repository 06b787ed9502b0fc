using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

using MLEvents.Local.Simulator.Client;
using MLEvents.Tests.Common;

namespace MLEvents.Local.Host.Tests;

/// <summary>
/// An HTTP server with a timeline that the test writes. It returns pages of at most two entries.
/// After the last entry, it returns empty pages or does not answer.
/// </summary>
internal sealed class FakeSimulator : IAsyncDisposable
{
    public const string Correlation = "drift-1";

    private readonly WebApplication _app;

    private FakeSimulator(IReadOnlyList<TimelineEntry> entries, bool hangs)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapPost("/simulate/drift", () => Results.Json(new { eventId = Correlation }));
        _app.MapGet("/timeline", async (long? after, HttpContext http) =>
        {
            if (after is null)
            {
                return Results.Json(new TimelinePage(40, []));
            }

            var next = entries.Where(entry => entry.Number > after).Take(2).ToList();
            if (next.Count == 0 && hangs)
            {
                await Never.CompletesAsync(http.RequestAborted);
            }

            return Results.Json(new TimelinePage(next.Count > 0 ? next[^1].Number : after.Value, next));
        });
    }

    public SimulatorClient Client => new(new Uri(_app.Urls.Single()));

    /// <summary>Starts a simulator whose timeline has the given entries after entry 40.</summary>
    public static async Task<FakeSimulator> StartAsync(IEnumerable<(string Kind, string? Correlation, string? Detail)> entries, bool hangs = false)
    {
        var simulator = new FakeSimulator([.. entries.Select((entry, index) => new TimelineEntry(41 + index, DateTimeOffset.UnixEpoch, entry.Kind, $"{entry.Kind} {index}", entry.Correlation, entry.Detail))], hangs);
        await simulator._app.StartAsync(TestContext.Current.CancellationToken);
        return simulator;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
