using MLEvents.Rules.Templates;

namespace MLEvents.Rules.Plans;

/// <summary>What a rule asks for because of an event, or why that can't be worked out.</summary>
/// <typeparam name="TPlan">The kind of plan.</typeparam>
/// <param name="Plan">The plan, every template rendered; null when there is a <paramref name="Fault"/>.</param>
/// <param name="Fault">Why there is no plan; null when there is one.</param>
public sealed record Planned<TPlan>(TPlan? Plan, string? Fault)
    where TPlan : class
{
    /// <summary>Works a plan out; a template that can't be rendered is a fault of its rule alone.</summary>
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
