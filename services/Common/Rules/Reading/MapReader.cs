using System.Globalization;

using MLEvents.Rules.Templates;
using MLEvents.Rules.Yaml;

namespace MLEvents.Rules.Reading;

/// <summary>Reads a mapping key by key. A key is known if it was read; <see cref="RejectUnreadKeys"/> records an error for each other key.</summary>
/// <param name="map">The mapping.</param>
/// <param name="reading">The context of the file.</param>
/// <param name="place">The kind of mapping, for instance <c>alert.send</c>. The JSON Schema has a definition for each kind.</param>
internal sealed class MapReader(YamlMap map, RuleParseContext reading, string place)
{
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private bool _ignoresUnreadKeys;

    /// <summary>The mapping.</summary>
    public YamlMap Map => map;

    /// <summary>The context of the file.</summary>
    public RuleParseContext Reading => reading;

    /// <summary>The value of a key; null when it is absent or null.</summary>
    /// <param name="key">The key.</param>
    /// <param name="shape">The schema of the value; null when another reader of the same key provides it.</param>
    public YamlNode? Node(string key, KeyShape? shape = null)
    {
        reading.Recorder?.Record(place, key, shape);
        _known.Add(key);
        var value = map.Entries.FirstOrDefault(entry => entry.Key.Value == key)?.Value;
        return value is YamlText { IsNull: true } ? null : value;
    }

    /// <summary>The value of a required key.</summary>
    public YamlNode? Required(string key, KeyShape? shape = null)
    {
        reading.Recorder?.RecordRequired(place, key);
        var node = Node(key, shape);
        if (node is null)
        {
            reading.Add(map, $"'{key}' is missing");
        }

        return node;
    }

    /// <summary>A scalar; null if the key is absent, or if the value is not a scalar, which is recorded as an error.</summary>
    public YamlText? Scalar(string key, KeyShape? shape = null) => AsText(key, Node(key, shape ?? KeyShape.Text));

    /// <summary>A required scalar that must not be empty.</summary>
    public YamlText? RequiredScalar(string key, KeyShape? shape = null)
    {
        var text = AsText(key, Required(key, shape ?? KeyShape.Text));
        if (text is { Value.Length: 0 })
        {
            reading.Add(text, $"'{key}' is empty");
            return null;
        }

        return text;
    }

    /// <summary>A boolean, or a default.</summary>
    public bool Flag(string key, bool ifAbsent)
    {
        if (Scalar(key, KeyShape.Flag) is not { } text)
        {
            return ifAbsent;
        }

        if (text.Bool is null)
        {
            reading.Add(text, $"'{key}' must be true or false, not '{text.Value}'");
        }

        return text.Bool ?? ifAbsent;
    }

    /// <summary>A whole number within bounds, or a default.</summary>
    public int Number(string key, int min, int max, int ifAbsent)
    {
        if (Scalar(key, KeyShape.Whole(min, max)) is not { } text)
        {
            return ifAbsent;
        }

        if (int.TryParse(text.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max)
        {
            return number;
        }

        reading.Add(text, $"'{key}' must be a whole number from {min} to {max}, not '{text.Value}'");
        return ifAbsent;
    }

    /// <summary>A required duration within bounds; null if it is absent or invalid. The error is recorded.</summary>
    public TimeSpan? RequiredDuration(string key, TimeSpan min, TimeSpan max) =>
        RequiredScalar(key, KeyShape.Duration) is { } text ? Span(key, text, min, max) : null;

    /// <summary>A duration within bounds; null if it is absent or invalid. An invalid duration is recorded as an error.</summary>
    public TimeSpan? OptionalDuration(string key, TimeSpan min, TimeSpan max) =>
        Scalar(key, KeyShape.Duration) is { } text ? Span(key, text, min, max) : null;

    /// <summary>One of the names of an enumeration, or its default.</summary>
    /// <param name="key">The key.</param>
    /// <param name="ifAbsent">The default.</param>
    /// <param name="inLowerCase">Whether schema and messages write the names in lower case. The reader accepts the names in any letter case.</param>
    public T Choice<T>(string key, T ifAbsent, bool inLowerCase = false)
        where T : struct, Enum
    {
        string[] names = [.. Enum.GetNames<T>().Select(name => inLowerCase ? name.ToLowerInvariant() : name)];
        if (Scalar(key, KeyShape.OneOf(names)) is not { } text)
        {
            return ifAbsent;
        }

        if (names.Contains(text.Value, StringComparer.OrdinalIgnoreCase))
        {
            return Enum.Parse<T>(text.Value, ignoreCase: true);
        }

        reading.Add(text, $"'{key}' must be one of {string.Join(", ", names)}, not '{text.Value}'{Suggestion.Hint(text.Value, names)}");
        return ifAbsent;
    }

    /// <summary>A scalar or a list of scalars; empty when absent.</summary>
    public IReadOnlyList<YamlText> Texts(string key, KeyShape? shape = null) => Node(key, shape ?? KeyShape.Texts) switch
    {
        null => [],
        YamlList list => [.. list.Items.Select(item => AsText($"{key}[]", item)).OfType<YamlText>()],
        var node => AsText(key, node) is { } text ? [text] : [],
    };

    /// <summary>The reader of a mapping; null if the key is absent, or if the value is not a mapping, which is recorded as an error.</summary>
    public MapReader? Child(string key, KeyShape? shape = null) => AsMap(key, Node(key, shape ?? KeyShape.Reference($"{place}.{key}")));

    /// <summary>The reader of a required mapping.</summary>
    public MapReader? RequiredChild(string key) => AsMap(key, Required(key, KeyShape.Reference($"{place}.{key}")));

    /// <summary>A mapping from names to the results of reading each value; empty when absent.</summary>
    public IReadOnlyDictionary<string, T> Each<T>(string key, KeyShape shape, Func<string, YamlNode, T?> read)
        where T : class
    {
        var values = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (var entry in Child(key, KeyShape.ByName(shape))?.Map.Entries ?? [])
        {
            if (read($"{key}.{entry.Key.Value}", entry.Value) is { } value)
            {
                values[entry.Key.Value] = value;
            }
        }

        return values;
    }

    /// <summary>A template for one value of a request; null when absent.</summary>
    public Template? Argument(string key) => Scalar(key) is { } text ? reading.Inline(text, TemplateTarget.Argument) : null;

    /// <summary>Templates by name; empty when absent.</summary>
    public IReadOnlyDictionary<string, Template> Templates(string key, IReadOnlyCollection<string>? extra = null) =>
        Each(key, KeyShape.Text, (name, node) => AsText(name, node) is { } text ? reading.Inline(text, TemplateTarget.Argument, extra) : null);

    /// <summary>A node as a scalar.</summary>
    public YamlText? AsText(string key, YamlNode? node)
    {
        if (node is null or YamlText { IsNull: false })
        {
            return node as YamlText;
        }

        reading.Add(node, $"'{key}' must be a string");
        return null;
    }

    /// <summary>
    /// Makes <see cref="RejectUnreadKeys"/> accept the keys that were not read. One recorded error is enough for a mapping that cannot be translated.
    /// </summary>
    public void IgnoreUnreadKeys() => _ignoresUnreadKeys = true;

    /// <summary>Records an error for every key that was not read, unless <see cref="IgnoreUnreadKeys"/> was called.</summary>
    public void RejectUnreadKeys()
    {
        if (_ignoresUnreadKeys)
        {
            return;
        }

        foreach (var key in map.Entries.Select(entry => entry.Key).Where(key => !_known.Contains(key.Value)))
        {
            reading.Add(key, $"unknown key '{key.Value}'{Suggestion.Hint(key.Value, _known)}");
        }
    }

    private TimeSpan? Span(string key, YamlText text, TimeSpan min, TimeSpan max)
    {
        if (Duration.Parse(text.Value) is { } span && span >= min && span <= max)
        {
            return span;
        }

        reading.Add(text, $"'{key}' is '{text.Value}', but must be a duration from {Duration.Text(min)} to {Duration.Text(max)}: a whole number of minutes (m), hours (h) or days (d), such as 90m");
        return null;
    }

    private MapReader? AsMap(string key, YamlNode? node)
    {
        if (node is null or YamlMap)
        {
            return node is YamlMap child ? new MapReader(child, reading, $"{place}.{key}") : null;
        }

        reading.Add(node, $"'{key}' must be a mapping of keys to values");
        return null;
    }
}
