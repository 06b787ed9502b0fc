using System.Text.Json;

namespace MLEvents.Local.Simulator.Storage;

/// <summary>A key and its current value.</summary>
internal readonly record struct JournalEntry(string Key, JsonElement Value);

/// <summary>Reads a journal's lines, such as <c>[["key",{…}],["other",null]]</c>; null removes the key.</summary>
internal static class JournalReader
{
    /// <summary>The current values in the order in which their keys were created.</summary>
    /// <exception cref="InvalidDataException">A line other than the last cannot be parsed.</exception>
    public static List<JournalEntry> Read(Stream stream)
    {
        var live = new Dictionary<string, (long Order, JsonElement Value)>(StringComparer.Ordinal);
        using var reader = new StreamReader(stream, leaveOpen: true);
        var order = 0L;
        for (var number = 1; reader.ReadLine() is { } line; number++)
        {
            if (Parse(line) is not { } changes)
            {
                // The process was killed while it wrote the last line, so no caller received an answer for this change.
                return reader.EndOfStream ? InOrder(live) : throw new InvalidDataException($"Line {number} is damaged.");
            }

            foreach (var (key, value) in changes)
            {
                Apply(live, key, value, order++);
            }
        }

        return InOrder(live);
    }

    private static void Apply(Dictionary<string, (long Order, JsonElement Value)> live, string key, JsonElement value, long order)
    {
        if (value.ValueKind == JsonValueKind.Null)
        {
            live.Remove(key);
        }
        else
        {
            live[key] = (live.TryGetValue(key, out var known) ? known.Order : order, value);
        }
    }

    private static List<JournalEntry> InOrder(Dictionary<string, (long Order, JsonElement Value)> live) =>
        [.. live.OrderBy(pair => pair.Value.Order).Select(pair => new JournalEntry(pair.Key, pair.Value.Value))];

    private static List<JournalEntry>? Parse(string line)
    {
        try
        {
            var changes = JsonSerializer.Deserialize(line, JournalJson.Default.ListJsonElementArray);
            return changes?.TrueForAll(change => change is [{ ValueKind: JsonValueKind.String }, _]) == true
                ? changes.ConvertAll(change => new JournalEntry(change[0].GetString() ?? "", change[1]))
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
