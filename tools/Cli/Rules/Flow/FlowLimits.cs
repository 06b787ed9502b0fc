using MLEvents.Events.Limits;
using MLEvents.Rules;
using MLEvents.Rules.Plans;

namespace MLEvents.Cli.Rules.Flow;

/// <summary>Converts the limits of rules to the form of the ledger.</summary>
internal static class FlowLimits
{
    /// <summary>Converts a limit with the key of an event.</summary>
    public static Limit ToLimit(KeyedLimit keyed) => new(
        keyed.Limit.Kind switch
        {
            RunLimitKind.Cooldown => LimitKind.Cooldown,
            RunLimitKind.Budget => LimitKind.Budget,
            _ => LimitKind.Concurrency,
        },
        keyed.Key,
        keyed.Limit.Max,
        keyed.Limit.Period,
        keyed.Limit.WhenBusy switch
        {
            RunLimitReached.Skip => WhenBusy.Skip,
            RunLimitReached.Coalesce => WhenBusy.Coalesce,
            _ => WhenBusy.Wait,
        });
}
