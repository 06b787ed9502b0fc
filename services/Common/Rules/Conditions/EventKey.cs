using System.Text.Json;

using MLEvents.Events;
using MLEvents.Rules.Reading;

namespace MLEvents.Rules.Conditions;

/// <summary>The key of an advanced filter: the name of an attribute in CloudEvents or in the Event Grid schema, or a path into the event's data or its drift. Letter case is ignored.</summary>
internal sealed class EventKey
{
    private const string DataRoot = "data";
    private const string DriftRoot = "drift";

    /// <summary>Attributes that have the same meaning in both schemas, some of them with different names.</summary>
    private static readonly Dictionary<string, string> Attributes = new(StringComparer.OrdinalIgnoreCase)
    {
        ["id"] = "id",
        ["topic"] = "source",
        ["source"] = "source",
        ["subject"] = "subject",
        ["eventType"] = "type",
        ["type"] = "type",
        ["eventTime"] = "time",
        ["time"] = "time",
        ["specVersion"] = "specversion",
        ["dataVersion"] = "dataversion",
        ["metadataVersion"] = "metadataversion",
        ["dataContentType"] = "datacontenttype",
        ["dataSchema"] = "dataschema",
    };

    /// <summary>The attributes, by their name in CloudEvents, that a subscription's filter can name.</summary>
    private static readonly string[] SubscriptionAttributes = ["id", "source", "type", "subject", "dataversion"];

    private readonly string _written;
    private readonly string _attribute;
    private readonly string[]? _path;

    private EventKey(string written, string attribute, string[]? path) => (_written, _attribute, _path) = (written, attribute, path);

    /// <summary>Whether the key is a path into the drift that the event reports; see <see cref="Drift"/>.</summary>
    public bool IsDrift { get; private init; }

    /// <summary>Reads a key.</summary>
    /// <param name="text">The key as written.</param>
    /// <param name="error">The error; null if the key is valid.</param>
    public static EventKey? Parse(string text, out string? error)
    {
        var levels = KeyPath.Split(text);
        error = levels is null ? $"the key '{text}' is not well-formed; a name with dots is written [\"a.b\"]" : Problem(text, levels);
        return error is not null || levels is null ? null
            : Is(levels[0], DataRoot) ? new EventKey(text, "", levels[1..])
            : Is(levels[0], DriftRoot) ? new EventKey(text, "", levels[1..]) { IsDrift = true }
            : new EventKey(text, Attributes.GetValueOrDefault(text, text), null);
    }

    /// <summary>The key in the form of an Event Grid subscription; null if Event Grid cannot filter by it.</summary>
    public string? InEventGrid =>
        IsDrift ? null
        : _path is null ? (SubscriptionAttributes.Contains(_attribute) ? _written : null)
        : _path.Any(level => level.Contains('.', StringComparison.Ordinal)) ? null
        : string.Join('.', [DataRoot, .. _path]);

    /// <summary>The value of the key in an event.</summary>
    public FoundValue Find(WorkflowEvent workflowEvent) =>
        _path is null ? Attribute(workflowEvent)
        : !IsDrift ? At(workflowEvent.Data, _path)
        : Drift.Read(workflowEvent) is { } drift ? At(drift.ToJson(), _path)
        : default;

    /// <inheritdoc/>
    public override string ToString() => _written;

    private FoundValue Attribute(WorkflowEvent workflowEvent) => _attribute switch
    {
        "id" => new FoundValue(workflowEvent.Id, default),
        "source" => new FoundValue(workflowEvent.Source, default),
        "type" => new FoundValue(workflowEvent.Type, default),
        "subject" => new FoundValue(workflowEvent.Subject.Length == 0 ? null : workflowEvent.Subject, default),
        _ => JsonText.TryMember(workflowEvent.Envelope, _attribute, out var value) ? new FoundValue(null, value) : default,
    };

    private static FoundValue At(JsonElement value, string[] path)
    {
        foreach (var level in path)
        {
            if (!JsonText.TryMember(value, level, out value))
            {
                return default;
            }
        }

        return new FoundValue(null, value);
    }

    // CloudEvents names extension attributes in lower case, so a capital letter shows that the prefix 'data.' is missing.
    private static string? Problem(string text, string[] levels) =>
        levels.Contains("", StringComparer.Ordinal) ? $"the key '{text}' has an empty level"
        : Is(levels[0], DataRoot) || Attributes.ContainsKey(text) ? null
        : Is(levels[0], DriftRoot) ? DriftProblem(text, levels)
        : levels.Length > 1 || text.Any(char.IsAsciiLetterUpper) ? $"unknown event key '{text}'; did you mean 'data.{text}'?"
        : null;

    private static string? DriftProblem(string text, string[] levels) =>
        levels.Length == 1 || Drift.Members.Contains(levels[1], StringComparer.OrdinalIgnoreCase) ? null
            : $"unknown key '{text}'{Suggestion.Hint(levels[1], Drift.Members)}; the members of drift are {string.Join(", ", Drift.Members)}";

    private static bool Is(string level, string name) => level.Equals(name, StringComparison.OrdinalIgnoreCase);
}
