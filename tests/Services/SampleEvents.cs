using System.Text.Json;

using MLEvents.Events;

namespace MLEvents.Tests.Services;

/// <summary>Events of a workspace, in the form that the ingress publishes.</summary>
public static class SampleEvents
{
    /// <summary>The workspace's ARM id.</summary>
    public const string Workspace = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/ml-local/providers/Microsoft.MachineLearningServices/workspaces/ml-local";

    /// <summary>Creates an event.</summary>
    /// <param name="type">The type, with <see cref="EventTypes.AzureMLPrefix"/> or without.</param>
    /// <param name="data">The data as JSON.</param>
    /// <param name="subject">The subject.</param>
    /// <param name="id">The id; null for a new id.</param>
    /// <param name="time">The time of the event.</param>
    public static WorkflowEvent Create(string type, string data = "{}", string subject = "", string? id = null, string time = "2026-11-01T12:00:00Z")
    {
        var fullType = type.Contains('.', StringComparison.Ordinal) ? type : EventTypes.AzureMLPrefix + type;
        using var document = JsonDocument.Parse($$"""
            {
              "specversion": "1.0",
              "id": {{Quoted(id ?? Guid.NewGuid().ToString())}},
              "source": "{{Workspace}}",
              "type": "{{fullType}}",
              "subject": {{Quoted(subject)}},
              "time": "{{time}}",
              "datacontenttype": "application/json",
              "data": {{data}}
            }
            """, JsonLimits.Document);
        return WorkflowEvent.TryRead(document.RootElement, out var read, out var error) ? read : throw new InvalidOperationException(error);
    }

    private static string Quoted(string text) => JsonSerializer.Serialize(text);
}
