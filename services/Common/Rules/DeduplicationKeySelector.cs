using System.Text.Json;
using System.Text.RegularExpressions;

using MLEvents.Events;
using MLEvents.Rules.Templates;

namespace MLEvents.Rules;

/// <summary>Selects the deduplication key of an event for a rule, which acts once for each key. The key is the event itself, or consists of values from the event.</summary>
/// <remarks>Azure ML reports the same status of a run several times, with different event ids.</remarks>
public sealed partial class DeduplicationKeySelector
{
    private const string EventKeyword = "event";

    private readonly DeduplicationKeyPart[] _parts;

    private DeduplicationKeySelector(params DeduplicationKeyPart[] parts) => _parts = parts;

    /// <summary>Each event is its own key, so the rule acts once for each event. The default.</summary>
    public static DeduplicationKeySelector Event { get; } = new();

    /// <summary>The words that a deduplication key can contain. <c>+</c> joins several words; <c>event</c> cannot be combined.</summary>
    public static IReadOnlyList<string> Keywords { get; } = [EventKeyword, .. DeduplicationKeyPart.Keywords];

    /// <summary>Reads the text of a rule, for instance <c>run+status</c>, <c>run+data.runTags.team</c> or a template.</summary>
    /// <param name="text">The text.</param>
    /// <param name="error">The error; null if the text is valid.</param>
    public static DeduplicationKeySelector? Parse(string text, out string? error) =>
        text.Contains("{{", StringComparison.Ordinal) || text.Contains("{%", StringComparison.Ordinal) ? ParseTemplate(text, out error) : ParseParts(text, out error);

    /// <summary>The deduplication key of an event; null if each event is its own key, or if the event lacks a part of the key.</summary>
    public string? KeyOf(WorkflowEvent workflowEvent)
    {
        if (_parts.Length == 0)
        {
            return null;
        }

        string?[] values = [.. _parts.Select(part => part.ValueOf(workflowEvent))];
        return values.Contains(null) ? null : $"{this}={JsonSerializer.Serialize(values, RulesJson.Default.StringArray)}";
    }

    /// <inheritdoc/>
    public override string ToString() => _parts.Length == 0 ? EventKeyword : string.Join('+', _parts.Select(part => part.Name));

    private static DeduplicationKeySelector? ParseTemplate(string text, out string? error)
    {
        try
        {
            error = null;
            return new DeduplicationKeySelector(DeduplicationKeyPart.From(Template.Parse(text, TemplateTarget.Argument)));
        }
        catch (TemplateException exception)
        {
            error = exception.Message;
            return null;
        }
    }

    private static DeduplicationKeySelector? ParseParts(string text, out string? error)
    {
        string[] names = [.. PartsPattern().Matches(text).Select(part => part.Value.Trim())];
        var alone = names.Contains(EventKeyword, StringComparer.OrdinalIgnoreCase);
        error = alone && names.Length > 1 ? $"'{EventKeyword}' cannot be combined with other parts" : null;
        var parts = new List<DeduplicationKeyPart>();
        foreach (var name in alone ? [] : names)
        {
            if (DeduplicationKeyPart.Parse(name, out var problem) is { } part)
            {
                parts.Add(part);
            }

            error ??= problem;
        }

        return error is not null ? null : new DeduplicationKeySelector([.. parts.DistinctBy(part => part.Name).OrderBy(part => part.Name, StringComparer.Ordinal)]);
    }

    // The text between plus signs. A name in ["…"] may contain a plus sign.
    [GeneratedRegex("""(?<=^|\+)(?:\[(["'])(?:(?!\1).)*\1\]|[^+])*""", RegexOptions.Singleline)]
    private static partial Regex PartsPattern();
}
