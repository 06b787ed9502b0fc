using System.Text.Json;

using Dapr.Client;

namespace MLEvents.State;

/// <summary>Writes keys of one state store, several in one call. Every write is conditional.</summary>
internal sealed class StoreWrites(DaprClient dapr, string store, CallTimeout timeout, StoreReads reads)
{
    private static readonly StateOptions FirstWrite = new() { Concurrency = ConcurrencyMode.FirstWrite };

    /// <summary>Writes values and completes each write.</summary>
    public async Task SendAsync(IReadOnlyList<PendingWrite> writes)
    {
        try
        {
            await timeout.RunAsync($"state store '{store}'", token => SaveAsync(writes, token));
        }
        catch (Dapr.DaprException exception)
        {
            await ResolveAsync(writes, exception);
            return;
        }

        foreach (var write in writes)
        {
            write.Complete(StateWriteResult.Written);
        }
    }

    private async Task<bool> SaveAsync(IReadOnlyList<PendingWrite> writes, CancellationToken cancellationToken)
    {
        await dapr.SaveBulkStateAsync(store, [.. writes.Select(write => ToItem(write.Write))], cancellationToken);
        return true;
    }

    // Stores report a lost race and an outage with the same codes, and a failed call may have written some of its values. Only the stored values show the result.
    private async Task ResolveAsync(IReadOnlyList<PendingWrite> writes, Dapr.DaprException failure)
    {
        var stored = await reads.ReadAsync([.. writes.Select(write => write.Key)]);
        var undecided = new List<PendingWrite>();
        foreach (var (write, (existing, unreadable)) in writes.Zip(stored))
        {
            if (unreadable is not null)
            {
                write.Fail(unreadable);
            }
            else if (existing is not null && IsSame(existing.Value, write.Write.Json))
            {
                write.Complete(StateWriteResult.Written);
            }
            else if (existing?.ETag != write.Write.ETag)
            {
                write.Complete(new StateWriteResult(false, existing));
            }
            else
            {
                undecided.Add(write);
            }
        }

        await RepeatAsync(undecided, isAlone: writes.Count == 1, failure);
    }

    // The store refused these values, or did not reach them because it refused other values of the same call.
    private async Task RepeatAsync(List<PendingWrite> writes, bool isAlone, Dapr.DaprException failure)
    {
        if (isAlone)
        {
            writes.ForEach(write => write.Fail(failure));
            return;
        }

        await Task.WhenAll(writes.Select(RepeatAsync));
    }

    private async Task RepeatAsync(PendingWrite write)
    {
        try
        {
            await SendAsync([write]);
        }
        catch (Exception exception) when (exception is Dapr.DaprException or TimeoutException)
        {
            write.Fail(exception);
        }
    }

    private static bool IsSame(JsonElement stored, ReadOnlyMemory<byte> json)
    {
        using var written = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = int.MaxValue });
        return JsonElement.DeepEquals(stored, written.RootElement);
    }

    // Dapr.Client declares the ETag as non-nullable, but sends none if it is null.
#nullable disable warnings
    private static SaveStateItem<RawJson> ToItem(StateWrite write) => new(write.Key, new RawJson(write.Json), write.ETag, FirstWrite, write.TimeToLive.ToMetadata());
#nullable restore warnings
}
