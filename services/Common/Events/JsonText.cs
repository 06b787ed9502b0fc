using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace MLEvents.Events;

/// <summary>Reads JSON from other systems. Member names are case-insensitive, and numbers may be strings, because Azure ML varies the letter case and the types in its events.</summary>
/// <remarks>
/// Text that .NET cannot represent, such as half a surrogate pair, counts as missing and does not cause an exception. Names are compared without an
/// allocation, except names with an escape or with characters outside ASCII.
/// Official samples of Azure ML's events contain <c>ModelVersion: 20</c>, and recorded events contain <c>modelVersion: "3"</c>.
/// </remarks>
public static class JsonText
{
    private const byte Escape = (byte)'\\';
    private const int StackChars = 512;

    /// <summary>Tests a JSON string. A string of at most 512 bytes without an escape is not allocated.</summary>
    /// <returns>The result of the test; false if the value is not a string or not valid text.</returns>
    public static bool Holds<TState>(JsonElement value, TState state, Func<ReadOnlySpan<char>, TState, bool> test)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            return false;
        }

        var quoted = JsonMarshal.GetRawUtf8Value(value);
        var raw = quoted[1..^1];
        if (raw.Contains(Escape) || raw.Length > StackChars)
        {
            return Read(value) is { } text && test(text, state);
        }

        Span<char> chars = stackalloc char[StackChars];
        return Encoding.UTF8.TryGetChars(raw, chars, out var written) && test(chars[..written], state);
    }

    /// <summary>The text of a JSON string; null if it is not a string or not valid text.</summary>
    public static string? Read(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>A JSON string's text, or a number or boolean as written; null for other values.</summary>
    public static string? Plain(JsonElement value) =>
        value.ValueKind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False ? value.GetRawText() : Read(value);

    /// <summary>Finds a member of an object. An exact match of the name takes precedence over one that differs in case.</summary>
    public static bool TryMember(JsonElement value, string name, out JsonElement member)
    {
        member = default;
        if (value.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        foreach (var property in value.EnumerateObject())
        {
            var same = Same(property, name);
            if (same == ComparisonResult.Exact)
            {
                member = property.Value;
                return true;
            }

            if (same == ComparisonResult.IgnoringCase && member.ValueKind == JsonValueKind.Undefined)
            {
                member = property.Value;
            }
        }

        return member.ValueKind != JsonValueKind.Undefined;
    }

    /// <summary>Reads a member as text: a string's text, or a number or boolean as written.</summary>
    /// <returns>The text, or null when the member is missing, null, an object or an array.</returns>
    public static string? Text(JsonElement value, string name) => TryMember(value, name, out var member) ? Plain(member) : null;

    /// <summary>Reads a dictionary of strings, such as <c>modelTags</c>. The keys keep their case; look-ups are case-insensitive.</summary>
    /// <returns>An empty dictionary when the member is missing or is not an object.</returns>
    public static IReadOnlyDictionary<string, string> Texts(JsonElement value, string name)
    {
        var texts = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (TryMember(value, name, out var member) && member.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in member.EnumerateObject())
            {
                if (NameOf(property) is { } key && Plain(property.Value) is { } text)
                {
                    texts[key] = text;
                }
            }
        }

        return texts;
    }

    /// <summary>Reads one entry of a dictionary of strings. The result is that of a look-up in <see cref="Texts"/>, but the other entries are not read.</summary>
    /// <param name="value">The object that has the dictionary.</param>
    /// <param name="name">The name of the dictionary.</param>
    /// <param name="key">The key, case-insensitive.</param>
    /// <returns>The text; null when the dictionary has no such entry, or the entry is null, an object or an array.</returns>
    public static string? TextOf(JsonElement value, string name, string key)
    {
        string? found = null;
        if (TryMember(value, name, out var member) && member.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in member.EnumerateObject())
            {
                // If keys differ only in case, the last key counts, as in a dictionary.
                found = Same(property, key) == ComparisonResult.None ? found : Plain(property.Value) ?? found;
            }
        }

        return found;
    }

    /// <summary>The name of a property; null if it is not valid text.</summary>
    public static string? NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static ComparisonResult Same(JsonProperty property, string name)
    {
        var raw = JsonMarshal.GetRawUtf8PropertyName(property);
        return raw.Contains(Escape) || !Ascii.IsValid(name) ? Compare(NameOf(property), name)
            : Ascii.Equals(raw, name) ? ComparisonResult.Exact
            : Ascii.EqualsIgnoreCase(raw, name) ? ComparisonResult.IgnoringCase
            : ComparisonResult.None;
    }

    private static ComparisonResult Compare(string? found, string name) =>
        found == name ? ComparisonResult.Exact : string.Equals(found, name, StringComparison.OrdinalIgnoreCase) ? ComparisonResult.IgnoringCase : ComparisonResult.None;

    private enum ComparisonResult
    {
        None,
        IgnoringCase,
        Exact,
    }
}
