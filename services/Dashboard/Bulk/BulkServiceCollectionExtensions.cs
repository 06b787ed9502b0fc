namespace MLEvents.Dashboard.Bulk;

/// <summary>Registers retries and cancellations of many actions.</summary>
internal static class BulkServiceCollectionExtensions
{
    public static void AddBulk(this IServiceCollection services)
    {
        services.AddSingleton<BulkStore>();
        services.AddTransient<BulkRunner>();
        services.AddTransient<BulkComparison>();
    }
}
