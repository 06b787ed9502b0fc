using System.Text.Json.Nodes;

using MLEvents.Rules.Conditions;

namespace MLEvents.Rules.Reading;

/// <summary>The JSON Schema of a key's value.</summary>
internal sealed class KeyShape
{
    /// <summary>The definition of a condition.</summary>
    public const string Condition = "condition";

    /// <summary>The definition of an advanced filter.</summary>
    public const string AdvancedFilter = "advancedFilter";

    private readonly JsonObject _schema;

    private KeyShape(JsonObject schema) => _schema = schema;

    /// <summary>Any value; the reader reports errors.</summary>
    public static KeyShape Anything { get; } = new([]);

    /// <summary>A scalar. A YAML number or boolean counts as text too.</summary>
    public static KeyShape Text { get; } = new(new() { ["type"] = new JsonArray("string", "number", "boolean") });

    /// <summary>A boolean.</summary>
    public static KeyShape Flag { get; } = new(new() { ["type"] = "boolean" });

    /// <summary>A scalar or a list of scalars.</summary>
    public static KeyShape Texts { get; } = OneOrMore(Text);

    /// <summary>Azure ML's event types with and without prefix, <c>ActionChanged</c>, <c>All</c>, or other types, which contain a dot.</summary>
    public static KeyShape EventTypes { get; } = OneOrMore(new(new()
    {
        ["anyOf"] = new JsonArray(
            OneOf([.. EventTypeTest.ShortNames.Keys, .. EventTypeTest.Known, EventTypeTest.All]).ToJson(),
            new JsonObject { ["type"] = "string", ["pattern"] = "\\." }),
    }));

    /// <summary>A whole number within bounds.</summary>
    public static KeyShape Whole(int min, int max) => new(new() { ["type"] = "integer", ["minimum"] = min, ["maximum"] = max });

    /// <summary>A duration.</summary>
    public static KeyShape Duration { get; } = new(new() { ["type"] = "string", ["pattern"] = Reading.Duration.Pattern });

    /// <summary>A duration that can be shorter than a minute.</summary>
    public static KeyShape ShortDuration { get; } = new(new() { ["type"] = "string", ["pattern"] = Reading.ShortDuration.Pattern });

    /// <summary>A number.</summary>
    public static KeyShape Number { get; } = new(new() { ["type"] = "number" });

    /// <summary>One of several names.</summary>
    public static KeyShape OneOf(IEnumerable<string> names) => new(new() { ["enum"] = new JsonArray([.. names.Select(name => JsonValue.Create(name))]) });

    /// <summary>A value of one of two shapes.</summary>
    public static KeyShape Either(KeyShape one, KeyShape other) => new(new() { ["anyOf"] = new JsonArray(one.ToJson(), other.ToJson()) });

    /// <summary>A mapping with a separate definition.</summary>
    public static KeyShape Reference(string place) => new(new() { ["$ref"] = $"#/definitions/{place}" });

    /// <summary>A list of mappings with a separate definition.</summary>
    public static KeyShape ListOf(string place) => new(new() { ["type"] = "array", ["items"] = Reference(place).ToJson() });

    /// <summary>A list of values of a shape.</summary>
    public static KeyShape List(KeyShape item) => new(new() { ["type"] = "array", ["items"] = item.ToJson() });

    /// <summary>A mapping from arbitrary names to values of a shape.</summary>
    public static KeyShape ByName(KeyShape shape) => new(new() { ["type"] = "object", ["additionalProperties"] = shape.ToJson() });

    /// <summary>The schema of the value.</summary>
    public JsonObject ToJson() => _schema.DeepClone().AsObject();

    private static KeyShape OneOrMore(KeyShape shape) =>
        new(new() { ["anyOf"] = new JsonArray(shape.ToJson(), new JsonObject { ["type"] = "array", ["items"] = shape.ToJson() }) });
}
