using System.Globalization;
using System.Text.Json;

using MLEvents.Events;
using MLEvents.Rules.Reading;

namespace MLEvents.Rules;

/// <summary>What counts as the same deduplication key, for which a rule acts once: the event itself, or what it is about.</summary>
/// <remarks>Azure ML repeats itself: the same status of the same run comes with several event ids.</remarks>
public sealed class Once
{
    private const string EventWord = "event";

    /// <summary>What a deduplication key can be made of, and where in an event it is.</summary>
    private static readonly Dictionary<string, Func<WorkflowEvent, string?>> Parts = new(StringComparer.OrdinalIgnoreCase)
    {
        ["run"] = Member("runId"),
        ["status"] = Normalized(Member("runStatus"), status => CultureInfo.InvariantCulture.TextInfo.ToLower(status)),
        ["model"] = Member("modelName"),
        ["version"] = Member("modelVersion"),
        ["endpoint"] = Member("serviceName"),
        ["dataset"] = Normalized(Member("targetDatasetId"), ArmId.Normalize),
        ["type"] = workflowEvent => workflowEvent.Type,
        ["subject"] = workflowEvent => workflowEvent.Subject is { Length: > 0 } subject ? subject : null,
    };

    private readonly string[] _parts;

    private Once(string[] parts) => _parts = parts;

    /// <summary>Once for each event: the default.</summary>
    public static Once Event { get; } = new([]);

    /// <summary>The words that a deduplication key is put together of, with <c>+</c> between them; <c>event</c> stands alone.</summary>
    public static IReadOnlyList<string> Words { get; } = [EventWord, .. Parts.Keys];

    /// <summary>Reads what a rule says, for instance <c>run+status</c>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="error">What is wrong with it; null if nothing is.</param>
    public static Once? Parse(string text, out string? error)
    {
        string[] words = [.. text.Split('+').Select(word => word.Trim())];
        var unknown = words.FirstOrDefault(word => !Words.Contains(word, StringComparer.OrdinalIgnoreCase));
        var alone = words.Contains(EventWord, StringComparer.OrdinalIgnoreCase);
        error = unknown is not null ? $"unknown part '{unknown}' of 'once'{Suggestion.Hint(unknown, Words)}; expected one of: {string.Join(", ", Words)}"
            : alone && words.Length > 1 ? $"'{EventWord}' cannot be combined with other parts"
            : null;
        return error is not null ? null : alone ? Event : new Once([.. words.Select(word => word.ToLowerInvariant()).Distinct().Order(StringComparer.Ordinal)]);
    }

    /// <summary>What is the same for all events of one deduplication key; null when each event is its own, or lacks a part.</summary>
    public string? KeyOf(WorkflowEvent workflowEvent)
    {
        if (_parts.Length == 0)
        {
            return null;
        }

        string?[] values = [.. _parts.Select(part => Parts[part](workflowEvent))];
        return values.Contains(null) ? null : $"{this}={JsonSerializer.Serialize(values)}";
    }

    /// <inheritdoc/>
    public override string ToString() => _parts.Length == 0 ? EventWord : string.Join('+', _parts);

    // Azure ML writes one status as 'Failed' and 'failed', and ARM ids ignore case.
    private static Func<WorkflowEvent, string?> Normalized(Func<WorkflowEvent, string?> part, Func<string, string> normalize) => workflowEvent =>
        part(workflowEvent) is { } text ? normalize(text) : null;

    private static Func<WorkflowEvent, string?> Member(string name) => workflowEvent =>
        JsonText.TryMember(workflowEvent.Data, name, out var value) && JsonText.Plain(value) is { Length: > 0 } text ? text : null;
}
