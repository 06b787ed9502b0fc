using System.Text.Json;

namespace MLEvents.Events;

/// <summary>Reads events of the type <see cref="EventTypes.ActionChanged"/>.</summary>
public static class ActionEvent
{
    private static readonly string[] StatusMembers = ["actionId", "generation", "status"];

    /// <summary>Whether an event reports a change of an action.</summary>
    public static bool Is(WorkflowEvent workflowEvent) => workflowEvent.Type == EventTypes.ActionChanged;

    /// <summary>The service whose action changed; null for other events.</summary>
    public static string? ServiceOf(WorkflowEvent workflowEvent) => Is(workflowEvent) ? JsonText.Text(workflowEvent.Data, "service") : null;

    /// <summary>The deduplication key of all events that report one status of an action in one generation; null for other events.</summary>
    public static string? StatusKeyOf(WorkflowEvent workflowEvent) => Is(workflowEvent)
        ? $"action+generation+status={JsonSerializer.Serialize(StatusMembers.Select(name => JsonText.Text(workflowEvent.Data, name)), EventsJson.Default.IEnumerableString)}"
        : null;

    /// <summary>The event that caused the action, without data; the event itself if it reports no action.</summary>
    public static WorkflowEvent OriginOf(WorkflowEvent workflowEvent) => Is(workflowEvent) && JsonText.TryMember(workflowEvent.Data, "event", out var cause)
        ? workflowEvent with
        {
            Id = JsonText.Text(cause, "id") ?? "",
            Type = JsonText.Text(cause, "type") ?? "",
            Subject = JsonText.Text(cause, "subject") ?? "",
            Source = JsonText.Text(cause, "source") ?? "",
            Data = default,
        }
        : workflowEvent;

    /// <summary>Whether an event reports an action that was itself caused by an <c>ActionChanged</c> event.</summary>
    public static bool IsAboutActionEvent(WorkflowEvent workflowEvent) => Is(workflowEvent) && Is(OriginOf(workflowEvent));
}
