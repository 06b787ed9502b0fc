using MLEvents.Rules.Templates;

namespace MLEvents.Rules.Plans;

/// <summary>The plan of a rule for an event, or the reason why there is no plan.</summary>
/// <typeparam name="TPlan">The kind of plan.</typeparam>
/// <param name="Plan">The plan, with every template rendered; null when there is a <paramref name="Fault"/>.</param>
/// <param name="Fault">The reason why there is no plan; null when there is a plan.</param>
public sealed record Planned<TPlan>(TPlan? Plan, string? Fault)
    where TPlan : class
{
    /// <summary>Creates a plan. A template that cannot be rendered affects only its own rule.</summary>
    internal static Planned<TPlan> Try(Func<TPlan> work)
    {
        try
        {
            return new(work(), null);
        }
        catch (TemplateException exception)
        {
            return new(null, exception.Message);
        }
    }
}
