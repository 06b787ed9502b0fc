namespace MLEvents.Dashboard.Explaining;

/// <summary>Registers the explanation of events.</summary>
internal static class ExplainingServiceCollectionExtensions
{
    public static void AddExplaining(this IServiceCollection services)
    {
        services.AddSingleton<StoredRuleReader>();
        services.AddSingleton<EventExplainer>();
        services.AddSingleton<ReplayPlan>();
    }
}
