using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;

using MLEvents.Events;
using MLEvents.Events.Reading;

namespace MLEvents.Cli.Rules;

/// <summary>Reads events from files, one at a time. A file contains a JSON event, an array, or one event on each line, as CloudEvents or in the Event Grid schema.</summary>
internal static class EventFile
{
    private const int LookAhead = 1024;
    private static readonly string[] Endings = [".json", ".ndjson", ".jsonl"];
    private static readonly JsonSerializerOptions Json = new() { MaxDepth = JsonStrings.MaxDepth, AllowTrailingCommas = true };

    /// <summary>Lists the files of a path: the file itself, or the event files of a folder and its subfolders in the order of their names.</summary>
    /// <exception cref="CommandFault">The path does not exist, or the folder contains no event file.</exception>
    public static IReadOnlyList<FileInfo> FilesOf(string path)
    {
        if (File.Exists(path))
        {
            return [new FileInfo(path)];
        }

        if (!Directory.Exists(path))
        {
            throw new CommandFault(ExitCodes.Unreachable, $"The file or folder '{path}' does not exist.");
        }

        FileInfo[] files = [.. new DirectoryInfo(path).EnumerateFiles("*", SearchOption.AllDirectories).Where(file => Endings.Contains(file.Extension)).OrderBy(file => file.FullName, StringComparer.Ordinal)];
        return files.Length > 0 ? files : throw new CommandFault(ExitCodes.Unreachable, $"The folder '{path}' contains no file that ends with {string.Join(", ", Endings)}.");
    }

    /// <summary>Reads the events of a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="read">Receives the number of bytes read so far. It is not called for a pipe.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <exception cref="CommandFault">The file is not valid JSON.</exception>
    public static async IAsyncEnumerable<FoundEvent> ReadAsync(FileInfo file, Action<long>? read = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using var stream = file.OpenRead();
        var reader = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));
        var array = await BeginsArrayAsync(reader, cancellationToken);
        await using var values = JsonSerializer.DeserializeAsyncEnumerable<JsonElement>(reader, topLevelValues: !array, Json, cancellationToken).GetAsyncEnumerator(cancellationToken);
        var number = 0;
        while (await NextAsync(values, file, number))
        {
            if (stream.CanSeek)
            {
                read?.Invoke(stream.Position);
            }

            foreach (var element in values.Current is { ValueKind: JsonValueKind.Array } batch ? [.. batch.EnumerateArray()] : new[] { values.Current })
            {
                number++;
                yield return Read(element, $"{file.FullName}: event {number}");
            }
        }
    }

    private static FoundEvent Read(JsonElement element, string place) =>
        !JsonStrings.AreText(element) ? new(null, null, $"{place}: it contains bytes that are not UTF-8, or half of a surrogate pair; correct it, or save the file as UTF-8")
        : EventReader.TryRead(element, out var found, out var error) ? new(found.ToWorkflowEvent(), element, "")
        : new(null, null, $"{place}: {error}");

    private static async Task<bool> NextAsync(IAsyncEnumerator<JsonElement> values, FileInfo file, int number)
    {
        try
        {
            return await values.MoveNextAsync();
        }
        catch (JsonException exception)
        {
            throw new CommandFault(ExitCodes.Refused, $"{file.FullName}: invalid JSON after event {number}: {exception.Message}");
        }
    }

    // The bytes are examined without being consumed, because a pipe cannot be read twice. Only the byte order mark is consumed.
    private static async Task<bool> BeginsArrayAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        var start = (await reader.ReadAtLeastAsync(LookAhead, cancellationToken)).Buffer;
        var bytes = start.Slice(0, Math.Min(start.Length, LookAhead)).ToArray();
        var mark = bytes.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0;
        reader.AdvanceTo(start.GetPosition(mark));
        return bytes.AsSpan(mark).TrimStart(" \t\r\n"u8).StartsWith("["u8);
    }
}

/// <summary>An event of a file, or the error if it could not be read.</summary>
/// <param name="Event">The event; null if the event could not be read.</param>
/// <param name="Json">The JSON of the event in the file; null if the event could not be read.</param>
/// <param name="Error">The place and the error; empty if the event could be read.</param>
internal sealed record FoundEvent(WorkflowEvent? Event, JsonElement? Json, string Error);
