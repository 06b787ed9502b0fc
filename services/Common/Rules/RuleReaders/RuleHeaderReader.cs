using System.Text.RegularExpressions;

using MLEvents.Rules.Conditions;
using MLEvents.Rules.Reading;

namespace MLEvents.Rules.RuleReaders;

/// <summary>Reads the properties that every rule has.</summary>
internal static partial class RuleHeaderReader
{
    /// <summary>Reads a rule's name, its keys <c>enabled</c> and <c>dryRun</c>, its deduplication key and its condition.</summary>
    /// <param name="keys">The rule's keys.</param>
    /// <param name="also">An additional condition, which makes <c>when</c> optional; null for none.</param>
    public static RuleHeader? Read(MapReader keys, ConditionNode? also = null)
    {
        var name = Name(keys);
        var enabled = keys.Flag("enabled", ifAbsent: true);
        var dryRun = keys.Flag("dryRun", ifAbsent: false);
        var once = DeduplicationKey(keys);
        var when = also is null ? keys.Required("when", KeyShape.Reference(KeyShape.Condition)) : keys.Node("when", KeyShape.Reference(KeyShape.Condition));
        var condition = when is null ? null : ConditionReader.Read(when, keys.Reading);
        ConditionNode[] parts = [.. new[] { condition, also }.OfType<ConditionNode>()];
        return name is null || parts.Length == 0 ? null : new RuleHeader(name, enabled, dryRun, once, new Condition(parts is [var only] ? only : new AllOf(parts)), keys.Map.Line);
    }

    private static DeduplicationKeySelector DeduplicationKey(MapReader keys)
    {
        if (keys.Scalar("once") is not { } text)
        {
            return DeduplicationKeySelector.Event;
        }

        var once = DeduplicationKeySelector.Parse(text.Value, out var error);
        if (error is not null)
        {
            keys.Reading.Add(text, error);
        }

        return once ?? DeduplicationKeySelector.Event;
    }

    private static string? Name(MapReader keys)
    {
        if (keys.RequiredScalar("name") is not { } name)
        {
            return null;
        }

        if (!NamePattern().IsMatch(name.Value))
        {
            keys.Reading.Add(name, $"a rule's name must begin with a letter or digit and have 1 to 64 letters, digits, '-', '_' and '.', not '{name.Value}'");
        }

        return name.Value;
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z")]
    private static partial Regex NamePattern();
}

/// <summary>The properties that every rule has.</summary>
internal sealed record RuleHeader(string Name, bool Enabled, bool DryRun, DeduplicationKeySelector Once, Condition When, int Line);
