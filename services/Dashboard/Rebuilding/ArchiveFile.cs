using System.Text.Json;

using MLEvents.Events;
using MLEvents.Events.Reading;

namespace MLEvents.Dashboard.Rebuilding;

/// <summary>Reads a file of the archive. A file contains one event or an array of events, or one event per line (<c>.ndjson</c>, <c>.jsonl</c>), as CloudEvents or in Event Grid's schema.</summary>
internal static class ArchiveFile
{
    /// <summary>Returns the files of a folder and its subfolders, ordered by name. Files whose name begins with a dot are not part of the archive.</summary>
    public static IEnumerable<string> FilesOf(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(file => !Path.GetFileName(file).StartsWith('.')).Order(StringComparer.Ordinal);

    /// <summary>Reads a file.</summary>
    /// <returns>The events, and an error for each part that cannot be read.</returns>
    public static async Task<(IReadOnlyList<WorkflowEvent> Events, IReadOnlyList<string> Errors)> ReadAsync(string file, CancellationToken cancellationToken)
    {
        byte[] content;
        try
        {
            content = await File.ReadAllBytesAsync(file, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return ([], [$"{file}: cannot be read: {exception.Message}"]);
        }

        var (events, errors) = (new List<WorkflowEvent>(), new List<string>());
        foreach (var part in PartsOf(content, file))
        {
            try
            {
                var batch = EventReader.Read(part);
                events.AddRange(batch.Events.Select(envelope => envelope.ToWorkflowEvent()));
                errors.AddRange(batch.Unreadable.Select(unreadable => $"{file}: {unreadable.Reason}"));
            }
            catch (Exception exception) when (exception is JsonException or NotAnEventBatchException)
            {
                errors.Add($"{file}: {exception.Message}");
            }
        }

        return (events, errors);
    }

    private static IEnumerable<ReadOnlyMemory<byte>> PartsOf(byte[] content, string file)
    {
        if (Path.GetExtension(file) is not (".ndjson" or ".jsonl"))
        {
            yield return content;
            yield break;
        }

        for (var start = 0; start < content.Length;)
        {
            var length = content.AsSpan(start).IndexOf((byte)'\n') is >= 0 and var found ? found : content.Length - start;
            if (content.AsSpan(start, length).ContainsAnyExcept(" \t\r"u8))
            {
                yield return content.AsMemory(start, length);
            }

            start += length + 1;
        }
    }
}
