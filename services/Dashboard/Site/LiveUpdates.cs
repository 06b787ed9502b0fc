using System.Runtime.CompilerServices;

using MLEvents.Dashboard.Health;
using MLEvents.Dashboard.History;

namespace MLEvents.Dashboard.Site;

/// <summary>Sends a server-sent event to open pages when the history, the health of a service or the backlog has changed. A page then reads its content again.</summary>
internal sealed class LiveUpdates(HistorySignal signal, HistoryQueries queries, HealthWatch health, TimeProvider time, IHostApplicationLifetime lifetime)
{
    // The shortest time between two events, so that a burst of changes causes only a few updates.
    private static readonly TimeSpan MinInterval = TimeSpan.FromMilliseconds(500);

    // The signal does not report changes that another replica writes, so the history is also polled.
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(5);

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/live", (HttpContext context, LiveUpdates updates) =>
    {
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.ServerSentEvents(updates.ReadAsync(context.RequestAborted), eventType: "changed");
    });

    private async IAsyncEnumerable<string> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        var stamp = await StampAsync(either.Token);

        // The first event reports that the connection is open.
        yield return stamp;
        while (!either.IsCancellationRequested)
        {
            await Task.WhenAny(signal.Changed, Task.Delay(Poll, time, either.Token));
            if (!either.IsCancellationRequested && await StampAsync(either.Token) is var next && next != stamp)
            {
                yield return stamp = next;
                await Task.WhenAny(Task.Delay(MinInterval, time, either.Token));
            }
        }
    }

    private async Task<string> StampAsync(CancellationToken cancellationToken) => $"{health.Version} {await queries.StampAsync(cancellationToken)}";
}
