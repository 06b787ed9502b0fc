using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLEvents.Tests.Services.Official;

/// <summary>
/// The names and kinds of members that the specification allows in a JSON value. They come from examples: official examples, and our own examples of members that the official examples
/// leave out. In an example, a mapping with arbitrary names is an object with one member, whose name is "string" or a GUID.
/// </summary>
internal sealed class OfficialShape
{
    private readonly SortedDictionary<string, OfficialShape> _members = new(StringComparer.Ordinal);
    private readonly HashSet<JsonValueKind> _kinds = [];
    private OfficialShape? _each;
    private bool _isOpen;

    /// <summary>Adds an example. Its members are allowed in addition to those of earlier examples.</summary>
    public OfficialShape Add(JsonNode? example)
    {
        if (example is not null)
        {
            _kinds.Add(KindOf(example));
        }

        switch (example)
        {
            case JsonObject { Count: 0 }:
                _isOpen = true;
                break;
            case JsonObject map when map is { Count: 1 } && IsPlaceholder(map.First().Key):
                _each = (_each ?? new()).Add(map.First().Value);
                break;
            case JsonObject members:
                foreach (var (name, value) in members)
                {
                    _members.TryAdd(name, new());
                    _members[name].Add(value);
                }

                break;
            case JsonArray items:
                _each = items.Aggregate(_each ?? new(), (shape, item) => shape.Add(item));
                break;
        }

        return this;
    }

    /// <summary>The differences between a value and the specification.</summary>
    /// <param name="value">The value.</param>
    /// <param name="values">The allowed values of enumerated members, by path; <c>*</c> stands for any name in a mapping and any item of a list.</param>
    /// <param name="path">The path of the value, for the texts of the differences.</param>
    /// <param name="place">The path of the value as in <paramref name="values"/>: with <c>*</c> for each name in a mapping and each item of a list.</param>
    public IEnumerable<string> FindFaults(JsonNode? value, IReadOnlyDictionary<string, string[]> values, string path = "", string place = "")
    {
        if (value is null)
        {
            return [];
        }

        if (_kinds.Count > 0 && !_kinds.Contains(KindOf(value)))
        {
            return [$"{path} is a {NameOf(KindOf(value))}, and the specification says {string.Join(" or ", _kinds.Select(NameOf))}"];
        }

        if (values.TryGetValue(place, out var known) && !known.Contains($"{value}", StringComparer.Ordinal))
        {
            return [$"{path} is '{value}', and the specification says {string.Join(", ", known)}"];
        }

        return value switch
        {
            JsonObject members => members.SelectMany(member => FindFaults(member.Key, member.Value, values, Join(path, member.Key), place)),
            JsonArray items => items.SelectMany((item, index) => _each?.FindFaults(item, values, $"{path}[{index}]", Join(place, "*")) ?? []),
            _ => [],
        };
    }

    private IEnumerable<string> FindFaults(string name, JsonNode? value, IReadOnlyDictionary<string, string[]> values, string path, string place) =>
        _members.TryGetValue(name, out var member) ? member.FindFaults(value, values, path, Join(place, name))
        : _each is not null ? _each.FindFaults(value, values, path, Join(place, "*"))
        : _isOpen || _kinds.Count == 0 ? []
        : [$"{path} is not in the specification"];

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static bool IsPlaceholder(string name) => name == "string" || Guid.TryParse(name, out _);

    // The kind True stands for both booleans.
    private static string NameOf(JsonValueKind kind) => kind is JsonValueKind.True ? "Boolean" : $"{kind}";

    private static JsonValueKind KindOf(JsonNode value) => value.GetValueKind() is JsonValueKind.False ? JsonValueKind.True : value.GetValueKind();
}
