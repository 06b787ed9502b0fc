using System.Globalization;

using Microsoft.Extensions.Options;

using MLEvents.Dashboard.History;
using MLEvents.Dashboard.Recording;
using MLEvents.Events;

namespace MLEvents.Dashboard.Rebuilding;

/// <summary>Adds the events of an archive to the history. The earliest events are added first, because lists show events in the order in which they were stored.</summary>
/// <remarks>The time of arrival of an archived event is unknown, so the time of the event is used instead.</remarks>
internal sealed class ArchiveRebuild(HistoryWriter writer, RecordActivity activity, RecordApproval approvals, IOptions<HistoryOptions> options, TimeProvider time)
{
    private const int MaxChunkFiles = 500;
    private const long MaxChunkBytes = 16 << 20;
    private const int ProgressInterval = 50_000;

    /// <summary>Reads the folder twice, first for the order of the files and then for their events, so that the archive does not have to fit into memory.</summary>
    public async Task<ArchiveCounts> RunAsync(string folder, TextWriter output, CancellationToken cancellationToken)
    {
        var oldest = time.GetUtcNow() - options.Value.Retention;
        var counts = new ArchiveCounts(0, 0, 0);
        var files = await OrderAsync(folder, cancellationToken);
        foreach (var chunk in Split(files))
        {
            var before = counts.Stored / ProgressInterval;
            var read = await Task.WhenAll(chunk.Select(file => ArchiveFile.ReadAsync(file, cancellationToken)));
            var results = await Task.WhenAll(read.SelectMany(file => file.Events).OrderBy(workflowEvent => workflowEvent.Time).Select(workflowEvent => StoreAsync(workflowEvent, oldest, cancellationToken)));
            foreach (var error in read.SelectMany(file => file.Errors).Concat(results.Select(result => result.Fault).OfType<string>()))
            {
                await output.WriteLineAsync(error);
                counts = counts with { Unreadable = counts.Unreadable + 1 };
            }

            counts = counts with { Stored = counts.Stored + results.Count(result => result.IsStored), Expired = counts.Expired + results.Count(result => result.IsExpired) };
            if (counts.Stored / ProgressInterval > before)
            {
                await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"archive: {counts.Stored} events stored"));
            }
        }

        return counts;
    }

    private static async Task<IReadOnlyList<string>> OrderAsync(string folder, CancellationToken cancellationToken)
    {
        var times = new List<(DateTimeOffset? Earliest, string File)>();
        foreach (var file in ArchiveFile.FilesOf(folder))
        {
            times.Add(((await ArchiveFile.ReadAsync(file, cancellationToken)).Events.Min(workflowEvent => workflowEvent.Time), file));
        }

        return [.. times.OrderBy(file => file.Earliest).Select(file => file.File)];
    }

    // Groups the files that are read together: a few large files or many small files.
    private static IEnumerable<IReadOnlyList<string>> Split(IReadOnlyList<string> files)
    {
        var (chunk, bytes) = (new List<string>(), 0L);
        foreach (var file in files)
        {
            var length = new FileInfo(file) is { Exists: true } info ? info.Length : 0;
            if (chunk.Count == MaxChunkFiles || (chunk.Count > 0 && bytes + length > MaxChunkBytes))
            {
                yield return chunk;
                (chunk, bytes) = ([], 0);
            }

            chunk.Add(file);
            bytes += length;
        }

        if (chunk.Count > 0)
        {
            yield return chunk;
        }
    }

    private async Task<Result> StoreAsync(WorkflowEvent workflowEvent, DateTimeOffset oldest, CancellationToken cancellationToken)
    {
        if (workflowEvent.Time < oldest)
        {
            return new(IsExpired: true);
        }

        try
        {
            await (workflowEvent.Type switch
            {
                EventTypes.ActionChanged or EventTypes.RulesLoaded or EventTypes.ApprovalDecided => activity.HandleAsync(workflowEvent, cancellationToken),
                EventTypes.ApprovalRequested => approvals.HandleAsync(workflowEvent, cancellationToken),
                _ => writer.WriteAsync(EventEntries.From(workflowEvent, workflowEvent.Time ?? time.GetUtcNow()), cancellationToken),
            });
            return new(IsStored: true);
        }
        catch (ArgumentException exception)
        {
            return new(Fault: exception.Message);
        }
    }

    private readonly record struct Result(bool IsStored = false, bool IsExpired = false, string? Fault = null);
}

/// <summary>The result of reading an archive.</summary>
/// <param name="Stored">The number of archived events that are in the history now, including the events that were in the history before.</param>
/// <param name="Expired">The number of events that are older than the retention.</param>
/// <param name="Unreadable">The number of errors: files and parts of files that cannot be read as events.</param>
internal sealed record ArchiveCounts(long Stored, long Expired, long Unreadable);
