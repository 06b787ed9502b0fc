namespace MLEvents.Dashboard.History;

/// <summary>Registers the history.</summary>
internal static class HistoryServiceCollectionExtensions
{
    public static void AddHistory(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<HistoryOptions, HistoryOptionsValidator>().BindConfiguration(HistoryOptions.Section);
        services.AddSingleton<HistoryDatabase>();
        services.AddSingleton<HistorySignal>();
        services.AddSingleton<HistoryQueries>();
        services.AddSingleton<LoadQueries>();
        services.AddSingleton<RuleQueries>();
        services.AddSingleton<RolloutQueries>();
        services.AddSingleton<HistoryWriter>();
        services.AddSingleton<HistoryRetention>();
        services.AddHostedService<HistoryMigration>();
        services.AddHostedService(provider => provider.GetRequiredService<HistoryWriter>());
        services.AddHostedService(provider => provider.GetRequiredService<HistoryRetention>());
        services.AddHealthChecks().AddCheck<HistoryHealthCheck>("history");
    }
}
