using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace MLEvents.Events;

/// <summary>The ids of actions: 20 characters of 0-9 and a-f. They are derived from service, rule, and event or deduplication key, so that every service can derive the id of an action.</summary>
public static class ActionId
{
    /// <summary>The number of characters.</summary>
    public const int Length = 20;

    /// <summary>The id of the action that a rule of a service requests for an event.</summary>
    /// <param name="service">The service.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="workflowEvent">The event.</param>
    /// <param name="deduplicationKey">The text that several events of a source share when they cause one action; null if each event causes its own action.</param>
    public static string From(string service, string rule, WorkflowEvent workflowEvent, string? deduplicationKey = null)
    {
        // ARM ids are case-insensitive, so the same workspace must give the same id. The additional empty part distinguishes a deduplication key from an event id with the same text.
        var source = ArmId.Normalize(workflowEvent.Source);
        return deduplicationKey is null ? FromParts(service, rule, source, workflowEvent.Id) : FromParts(service, rule, source, "", deduplicationKey);
    }

    /// <summary>The id that is derived from a list of parts.</summary>
    /// <remarks>The length precedes each part, so that different lists of parts have different inputs, whatever characters they contain.</remarks>
    public static string FromParts(params ReadOnlySpan<string> parts)
    {
        var key = new StringBuilder();
        foreach (var part in parts)
        {
            key.Append(CultureInfo.InvariantCulture, $"{part.Length}:{part}");
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key.ToString())))[..Length];
    }
}
