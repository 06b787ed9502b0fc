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

    /// <summary>The changes, until the request or the service ends.</summary>
    /// <param name="cancellationToken">Ends the request.</param>
    internal async IAsyncEnumerable<string> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        var stamp = await FindStampAsync(either.Token);
        if (stamp is null)
        {
            yield break;
        }

        // The first event reports that the connection is open.
        yield return stamp;
        while (!either.IsCancellationRequested)
        {
            await Task.WhenAny(signal.Changed, Task.Delay(Poll, time, either.Token));
            if (await FindStampAsync(either.Token) is { } next && next != stamp)
            {
                yield return stamp = next;
                await Task.WhenAny(Task.Delay(MinInterval, time, either.Token));
            }
        }
    }

    // The result contains the number of writes of this replica, because the stamp of a history in SQLite does not change for entries that arrive late.
    // The result is null if the request or the service ends. Many pages are open when a service stops, and the end of their requests is no error.
    private async Task<string?> FindStampAsync(CancellationToken cancellationToken)
    {
        try
        {
            return $"{health.Version} {signal.Writes} {await queries.StampAsync(cancellationToken)}";
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
