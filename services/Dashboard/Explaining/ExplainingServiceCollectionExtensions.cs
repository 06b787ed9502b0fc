namespace MLEvents.Dashboard.Explaining;

/// <summary>Registers the explanation of events.</summary>
internal static class ExplainingServiceCollectionExtensions
{
    public static void AddExplaining(this IServiceCollection services)
    {
        services.AddSingleton<RuleEvaluator>();
        services.AddSingleton<EventExplainer>();
        services.AddSingleton<ReplayPlan>();
    }
}
