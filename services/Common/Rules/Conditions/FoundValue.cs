using System.Text.Json;

using MLEvents.Events;

namespace MLEvents.Rules.Conditions;

/// <summary>The value of a filter key in an event. <c>Text</c> is set for the id, source, type and subject; otherwise, <c>Json</c> contains the value.</summary>
internal readonly record struct FoundValue(string? Text, JsonElement Json)
{
    /// <summary>Whether the value is missing or null. Filters treat null in the same way as a missing value.</summary>
    public bool IsMissing => Text is null && Json.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;

    /// <summary>Whether the value is a JSON array.</summary>
    public bool IsArray => Text is null && Json.ValueKind == JsonValueKind.Array;

    /// <summary>Returns whether the value is text and passes the test.</summary>
    public bool MatchesText<TState>(TState state, Func<ReadOnlySpan<char>, TState, bool> test) =>
        Text is not null ? test(Text, state) : JsonText.Holds(Json, state, test);

    /// <inheritdoc/>
    public override string ToString() => Text is not null ? $"'{Text}'" : IsMissing ? "missing" : Short(Json.GetRawText());

    private static string Short(string text) => text.Length <= 80 ? text : $"{text[..80]}…";
}
