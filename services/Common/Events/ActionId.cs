using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace MLEvents.Events;

/// <summary>The ids of actions: 20 characters of 0-9 and a-f that depend on what the action is for only, so that whoever knows it finds the action.</summary>
public static class ActionId
{
    /// <summary>The number of characters.</summary>
    public const int Length = 20;

    /// <summary>The id of the action of a service and rule for an event.</summary>
    /// <param name="service">The service.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="workflowEvent">The event.</param>
    /// <param name="deduplicationKey">The text that several events of a source share when they cause one action; null when each event causes its own.</param>
    public static string From(string service, string rule, WorkflowEvent workflowEvent, string? deduplicationKey = null)
    {
        // ARM ids ignore case, so the same workspace must give the same id. An event and a deduplication key of the same text differ by a part.
        var source = ArmId.Normalize(workflowEvent.Source);
        return deduplicationKey is null ? FromParts(service, rule, source, workflowEvent.Id) : FromParts(service, rule, source, "", deduplicationKey);
    }

    /// <summary>The id for parts that name no event.</summary>
    /// <remarks>Each part is preceded by its length, so that no two lists of parts give the same id, whatever characters they hold.</remarks>
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
