using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace MLEvents.Events;

/// <summary>The rules whose actions led to an event, in their order. The tag <see cref="Correlation.PathTag"/> contains them, because an event names only the chain.</summary>
public static class Lineage
{
    private const int KeyLength = 10;
    private const int MaxRules = 25;
    private const char Separator = '.';

    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdef");

    /// <summary>The key of a rule in the path: 10 characters of 0-9 and a-f. A tag can have at most 256 characters, which is not enough for the names of all rules of a path.</summary>
    /// <param name="service">The service, for instance <c>retrainer</c>.</param>
    /// <param name="rule">The rule's name.</param>
    public static string KeyOf(string service, string rule) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{service}/{rule}")))[..KeyLength];

    /// <summary>The path of an event; empty if no action is known to have caused it.</summary>
    /// <remarks>Parts that are not keys are ignored, and a path ends after 25 rules, because anybody can write tags.</remarks>
    public static IReadOnlyList<string> PathOf(WorkflowEvent workflowEvent) => workflowEvent.Type == EventTypes.ActionChanged
        ? Parse(JsonText.Text(workflowEvent.Data, "path"))
        : Parse(Correlation.FindTag(workflowEvent, Correlation.PathTag) ?? workflowEvent.Joined?.Path);

    /// <summary>Writes a path.</summary>
    public static string Format(IEnumerable<string> path) => string.Join(Separator, path);

    private static string[] Parse(string? text) => text is null ? [] : [.. text.Split(Separator).Where(IsKey).Take(MaxRules)];

    private static bool IsKey(string part) => part.Length == KeyLength && !part.AsSpan().ContainsAnyExcept(Hex);
}
