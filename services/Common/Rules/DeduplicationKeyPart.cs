using System.Globalization;

using MLEvents.Events;
using MLEvents.Rules.Conditions;
using MLEvents.Rules.Reading;
using MLEvents.Rules.Templates;

namespace MLEvents.Rules;

/// <summary>A part of a deduplication key: a word, a field of the event, or a template.</summary>
internal sealed class DeduplicationKeyPart
{
    private static readonly Dictionary<string, Func<WorkflowEvent, string?>> Known = new(StringComparer.OrdinalIgnoreCase)
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

    private readonly Func<WorkflowEvent, string?> _valueOf;

    private DeduplicationKeyPart(string name, Func<WorkflowEvent, string?> valueOf) => (Name, _valueOf) = (name, valueOf);

    /// <summary>The words that name a part.</summary>
    public static IEnumerable<string> Keywords => Known.Keys;

    /// <summary>The name of the part in deduplication keys.</summary>
    public string Name { get; }

    /// <summary>Reads a word or the path of a field.</summary>
    /// <param name="text">The text.</param>
    /// <param name="error">The error; null if the text is valid.</param>
    public static DeduplicationKeyPart? Parse(string text, out string? error)
    {
        error = null;
        if (Known.TryGetValue(text, out var valueOf))
        {
            return new(text.ToLowerInvariant(), valueOf);
        }

        // A single word is more likely a typing error than an extension attribute of CloudEvents.
        if (text.AsSpan().IndexOfAny('.', '[') < 0)
        {
            error = $"unknown part '{text}' of 'once'{Suggestion.Hint(text, DeduplicationKeySelector.Keywords)}; expected one of: {string.Join(", ", DeduplicationKeySelector.Keywords)}, a field such as data.runTags.team, or a template";
            return null;
        }

        return EventKey.Parse(text, out error) is { } key ? new(text, workflowEvent => TextOf(key.Find(workflowEvent))) : null;
    }

    /// <summary>The part that a template renders.</summary>
    public static DeduplicationKeyPart From(Template template) => new(template.Source, workflowEvent => Render(template, workflowEvent));

    /// <summary>Returns the value of the part for an event; null if the event has no value.</summary>
    public string? ValueOf(WorkflowEvent workflowEvent) => _valueOf(workflowEvent) is { } value ? ArmId.NormalizeWhole(value) : null;

    private static string? TextOf(FoundValue value) =>
        value.IsMissing ? null
        : value.Text is { } text ? text
        : JsonText.Plain(value.Json) is { } plain ? (plain.Length > 0 ? plain : null)
        : value.Json.GetRawText();

    // An event for which the template has no value is its own deduplication key, like an event that lacks a field.
    private static string? Render(Template template, WorkflowEvent workflowEvent)
    {
        try
        {
            return template.Render(TemplateModel.For(workflowEvent)) is { Length: > 0 } text ? text : null;
        }
        catch (TemplateException)
        {
            return null;
        }
    }

    // Azure ML writes the same status as 'Failed' and 'failed', and ARM ids are case-insensitive.
    private static Func<WorkflowEvent, string?> Normalized(Func<WorkflowEvent, string?> part, Func<string, string> normalize) => workflowEvent =>
        part(workflowEvent) is { } text ? normalize(text) : null;

    private static Func<WorkflowEvent, string?> Member(string name) => workflowEvent =>
        JsonText.TryMember(workflowEvent.Data, name, out var value) && JsonText.Plain(value) is { Length: > 0 } text ? text : null;
}
