using MLEvents.Events;

namespace MLEvents.Rules.Templates;

/// <summary>An event of a correlation chain: an item of <c>previous</c> in the templates of later events.</summary>
/// <param name="Id">The event's id, unique within its source.</param>
/// <param name="Source">The event's source, such as the workspace's ARM id.</param>
/// <param name="Type">The event's type.</param>
/// <param name="Subject">The event's subject; may be empty.</param>
/// <param name="Time">When the event happened; null if unknown.</param>
/// <param name="Status">The status of the run that the event is about; null if the event is not about a run.</param>
/// <param name="Page">The address of the event's page in the studio.</param>
public sealed record ChainEvent(string Id, string Source, string Type, string Subject, DateTimeOffset? Time, string? Status, string Page)
{
    /// <summary>The members that templates can use.</summary>
    internal static readonly string[] Members = ["id", "source", "type", "eventType", "subject", "time", "status", "studioUrl"];

    private const int MaxText = 1_024;

    /// <summary>Creates the stored form of an event. Its texts have at most 1,024 characters, because one key of the state store holds the chain.</summary>
    /// <param name="workflowEvent">The event.</param>
    /// <param name="studio">The studio's address, which differs between clouds. Default https://ml.azure.com/.</param>
    public static ChainEvent From(WorkflowEvent workflowEvent, Uri? studio = null)
    {
        var status = JsonText.TryMember(workflowEvent.Data, "runStatus", out var member) ? JsonText.Plain(member) : null;
        return new(
            Cut(workflowEvent.Id), Cut(workflowEvent.Source), Cut(workflowEvent.Type), Cut(workflowEvent.Subject), workflowEvent.Time,
            status is null ? null : Cut(status), Cut(StudioLinks.ForEvent(studio ?? StudioLinks.PublicStudio, workflowEvent).AbsoluteUri));
    }

    internal Dictionary<string, object?> ToVariables() => new(StringComparer.Ordinal)
    {
        ["id"] = Id,
        ["source"] = Source,
        ["type"] = Type,
        ["eventType"] = TemplateModel.ShortName(Type),
        ["subject"] = Subject,
        ["time"] = TemplateModel.Written(Time),
        ["status"] = Status,
        ["studioUrl"] = Page,
    };

    // A surrogate pair must not be split: the store would not return half a character unchanged.
    private static string Cut(string text) => text.Length <= MaxText ? text : text[..(char.IsHighSurrogate(text[MaxText - 1]) ? MaxText - 1 : MaxText)];
}
