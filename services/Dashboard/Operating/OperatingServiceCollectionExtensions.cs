using Microsoft.Extensions.Options;

namespace MLEvents.Dashboard.Operating;

/// <summary>Registers the audit log and the client of the operator APIs.</summary>
internal static class OperatingServiceCollectionExtensions
{
    public static void AddOperating(this IServiceCollection services)
    {
        services.AddSingleton<AuditLog>();
        services.AddHttpContextAccessor();
        services.AddTransient<OperatorRequest>();
        services.AddHttpClient<OperatorApiClient>((provider, http) => http.Timeout = provider.GetRequiredService<IOptions<DashboardOptions>>().Value.ServiceTimeout)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false });
    }
}
