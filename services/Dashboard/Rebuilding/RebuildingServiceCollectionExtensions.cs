namespace MLEvents.Dashboard.Rebuilding;

/// <summary>Registers the services that the command <c>--rebuild</c> uses.</summary>
internal static class RebuildingServiceCollectionExtensions
{
    public static void AddRebuilding(this IServiceCollection services)
    {
        services.AddSingleton<ArchiveRebuild>();
        services.AddTransient<LedgerRebuild>();
    }
}
