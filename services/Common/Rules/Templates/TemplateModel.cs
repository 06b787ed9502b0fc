using System.Text.Json;

using Fluid.Values;

using MLEvents.Events;

namespace MLEvents.Rules.Templates;

/// <summary>The variables of a template.</summary>
/// <remarks>
/// The variables of every event: <c>id</c>, <c>source</c>, <c>type</c>, <c>eventType</c> (the type without Azure ML's prefix), <c>subject</c>, <c>time</c>,
/// <c>data</c> (its members ignore letter case), <c>workspace</c> (with <c>subscriptionId</c>, <c>resourceGroup</c>, <c>name</c> and <c>id</c>),
/// <c>studioUrl</c> (the event's page in the studio) and <c>correlationId</c>. An event that reports drift also has <c>drift</c>. An event of the type <c>ActionChanged</c> also has
/// <c>action</c>; its <c>workspace</c> and <c>studioUrl</c> are those of the event that caused the action.
/// </remarks>
public sealed class TemplateModel
{
    private TemplateModel(IReadOnlyDictionary<string, object?> variables) => Variables = variables;

    internal IReadOnlyDictionary<string, object?> Variables { get; }

    /// <summary>The variables of an event.</summary>
    /// <param name="workflowEvent">The event.</param>
    /// <param name="studio">The studio's address, which differs between clouds. Default https://ml.azure.com/.</param>
    /// <param name="extra">Further variables: strings, numbers, booleans, and dictionaries and lists of them; null for none.</param>
    public static TemplateModel For(WorkflowEvent workflowEvent, Uri? studio = null, IReadOnlyDictionary<string, object?>? extra = null)
    {
        var origin = ActionEvent.OriginOf(workflowEvent);
        var workspace = Workspace.TryReadNames(origin.Source, out var parsed) ? parsed : null;
        var variables = new Dictionary<string, object?>(extra ?? new Dictionary<string, object?>(), StringComparer.Ordinal)
        {
            ["id"] = workflowEvent.Id,
            ["source"] = workflowEvent.Source,
            ["type"] = workflowEvent.Type,
            ["eventType"] = ShortName(workflowEvent.Type),
            ["subject"] = workflowEvent.Subject,
            ["time"] = Written(workflowEvent.Time),
            ["data"] = ToValue(workflowEvent.Data),
            ["workspace"] = workspace is null ? null : ToValue(workspace),
            ["studioUrl"] = StudioLinks.ForEvent(studio ?? StudioLinks.PublicStudio, origin).AbsoluteUri,
            ["correlationId"] = Correlation.IdOf(workflowEvent),
            [DriftRoot] = Drift.Read(workflowEvent) is { } drift ? ToValue(drift.ToJson()) : null,
            [ActionRoot] = ActionEvent.Is(workflowEvent) ? ActionOf(workflowEvent.Data) : null,
        };
        return new TemplateModel(variables);
    }

    /// <summary>The variables for the deployment of a model: those of an event, and <c>model.name</c>, <c>model.version</c> and <c>model.id</c>.</summary>
    /// <param name="workflowEvent">The event.</param>
    /// <param name="name">The model's name.</param>
    /// <param name="version">The model's version.</param>
    /// <param name="id">The ARM id of the model's version.</param>
    /// <param name="studio">The studio's address, which differs between clouds. Default https://ml.azure.com/.</param>
    public static TemplateModel ForModel(WorkflowEvent workflowEvent, string name, string version, string id, Uri? studio = null) =>
        For(workflowEvent, studio, new Dictionary<string, object?>
        {
            [ModelRoot] = new Dictionary<string, object?> { ["name"] = name, ["version"] = version, ["id"] = id },
        });

    internal const string ModelRoot = "model";

    /// <summary>The drift that an event reports; undefined for other events.</summary>
    internal const string DriftRoot = "drift";

    /// <summary>The action that an event of the type <c>ActionChanged</c> reports; undefined for other events.</summary>
    internal const string ActionRoot = "action";

    /// <summary>The members of <see cref="ActionRoot"/>.</summary>
    internal static readonly string[] ActionMembers = ["id", "service", "rule", "status", "stage", "attempt", "generation", "detail", "links", "event"];

    /// <summary>The events that came before in the same chain; alert rules only.</summary>
    internal const string PreviousRoot = "previous";

    /// <summary>A time in the form that templates use.</summary>
    internal static string? Written(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", null);

    /// <summary>An event's type without Azure ML's prefix.</summary>
    internal static string ShortName(string type) =>
        type.StartsWith(EventTypes.AzureMLPrefix, StringComparison.Ordinal) ? type[EventTypes.AzureMLPrefix.Length..]
        : type == EventTypes.ActionChanged ? nameof(EventTypes.ActionChanged)
        : type;

    private static Dictionary<string, object?> ToValue(Workspace workspace) => new(StringComparer.Ordinal)
    {
        ["subscriptionId"] = workspace.SubscriptionId,
        ["resourceGroup"] = workspace.ResourceGroup,
        ["name"] = workspace.Name,
        ["id"] = workspace.ArmId,
    };

    private static Dictionary<string, object?> ActionOf(JsonElement data) => ActionMembers.ToDictionary<string, string, object?>(
        member => member,
        member => JsonText.TryMember(data, member == "id" ? "actionId" : member, out var value) && value.ValueKind != JsonValueKind.Null ? ToValue(value) : StringValue.Empty,
        StringComparer.Ordinal);

    // The values are converted to Fluid's types once, because Fluid copies a list of another type each time that a template reads it.
    private static FluidValue ToValue(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => ToDictionary(json),
        JsonValueKind.Array => new ArrayValue([.. json.EnumerateArray().Select(ToValue)]),
        JsonValueKind.String when JsonText.Read(json) is { } text => StringValue.Create(text),
        JsonValueKind.True => BooleanValue.True,
        JsonValueKind.False => BooleanValue.False,
        JsonValueKind.Number => json.TryGetDecimal(out var number) ? NumberValue.Create(number) : StringValue.Create(json.GetRawText()),
        _ => NilValue.Instance,
    };

    private static DictionaryValue ToDictionary(JsonElement json)
    {
        var members = new Dictionary<string, FluidValue>(StringComparer.OrdinalIgnoreCase);
        foreach (var property in json.EnumerateObject())
        {
            if (JsonText.NameOf(property) is { } name)
            {
                members[name] = ToValue(property.Value);
            }
        }

        return new DictionaryValue(new MembersIgnoringCase(members));
    }

    /// <summary>Members that Fluid finds in any letter case. Fluid's own class for this loses the dictionary's comparer.</summary>
    private sealed class MembersIgnoringCase(Dictionary<string, FluidValue> members) : IFluidIndexable
    {
        public int Count => members.Count;

        public IEnumerable<string> Keys => members.Keys;

        public bool TryGetValue(string name, out FluidValue value) => members.TryGetValue(name, out value!);
    }
}
