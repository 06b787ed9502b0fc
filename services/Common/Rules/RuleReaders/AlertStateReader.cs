using MLEvents.Rules.Conditions;
using MLEvents.Rules.Reading;
using MLEvents.Rules.Templates;

namespace MLEvents.Rules.RuleReaders;

/// <summary>Reads <c>state</c> of an alert rule.</summary>
internal static class AlertStateReader
{
    private static readonly TimeSpan MinReminder = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MaxReminder = TimeSpan.FromDays(30);

    /// <summary>Reads the state, and the condition that it adds to the rule: the event must open or resolve the alert.</summary>
    /// <returns>Nulls if the rule has no state, or if the state is invalid, which is recorded as an error.</returns>
    public static (AlertState? State, ConditionNode? Condition) Read(MapReader rule)
    {
        if (rule.Child("state") is not { } keys)
        {
            return (null, null);
        }

        var key = keys.RequiredScalar("key") is { } text ? keys.Reading.Inline(text, TemplateTarget.Argument) : null;
        var (open, resolve) = (Condition(keys, "open"), Condition(keys, "resolve"));
        var remind = keys.OptionalDuration("remind", MinReminder, MaxReminder);
        keys.RejectUnreadKeys();
        return key is null || open is null || resolve is null
            ? (null, null)
            : (new AlertState { Key = key, Open = new Condition(open), Resolve = new Condition(resolve), Remind = remind }, new AnyOf([open, resolve]));
    }

    private static ConditionNode? Condition(MapReader keys, string key) =>
        keys.Required(key, KeyShape.Reference(KeyShape.Condition)) is { } node ? ConditionReader.Read(node, keys.Reading) : null;
}
