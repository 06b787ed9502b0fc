using System.Text.Json;

namespace MLEvents.ServiceDefaults;

/// <summary>Handles several entries of a bulk message at the same time, so that their calls to the sidecar can be combined.</summary>
internal static class BulkDelivery
{
    /// <summary>The largest number of messages in a bulk message.</summary>
    public const int MaxMessages = 50;

    /// <summary>How long the sidecar waits for more messages before it delivers, in milliseconds. Messages that arrive while a bulk message is handled do not wait.</summary>
    public const int MaxAwaitMilliseconds = 5;

    /// <summary>The largest number of entries that are handled at the same time.</summary>
    public const int MaxConcurrent = 32;

    /// <summary>How long entries may wait for their turn, so that a bulk message is answered within seconds. Entries that have not started by then are redelivered.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(2);

    /// <summary>The outcome of an entry that was not started.</summary>
    public static readonly Outcome NotBegun = Outcome.Retry($"other messages of the same delivery were not handled within {MaxWait.TotalSeconds} s");

    /// <summary>Handles entries.</summary>
    /// <returns>The outcomes in the order of the entries.</returns>
    public static async Task<Outcome[]> HandleAsync(
        IReadOnlyList<TopicEntry> entries, Func<JsonElement, CancellationToken, Task<Outcome>> handle, TimeProvider time, CancellationToken cancellationToken)
    {
        var (begin, next, outcomes) = (time.GetTimestamp(), -1, new Outcome[entries.Count]);
        await Task.WhenAll(Enumerable.Range(0, Math.Min(MaxConcurrent, entries.Count)).Select(_ => HandleNextAsync()));
        return outcomes;

        async Task HandleNextAsync()
        {
            for (int i; (i = Interlocked.Increment(ref next)) < outcomes.Length;)
            {
                outcomes[i] = time.GetElapsedTime(begin) < MaxWait ? await handle(entries[i].Message, cancellationToken) : NotBegun;
            }
        }
    }
}
