namespace MLEvents.Dashboard.Bulk;

/// <summary>Registers bulk retries and cancellations.</summary>
internal static class BulkServiceCollectionExtensions
{
    public static void AddBulk(this IServiceCollection services)
    {
        services.AddSingleton<BulkStore>();
        services.AddTransient<BulkRunner>();
        services.AddTransient<BulkComparison>();
    }
}
