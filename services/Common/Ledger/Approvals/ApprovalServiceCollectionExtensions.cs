using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace MLEvents.Ledger.Approvals;

/// <summary>Registers approvals.</summary>
internal static class ApprovalServiceCollectionExtensions
{
    /// <summary>Adds the check before steps, the decisions and the settings in the <c>Approvals</c> section.</summary>
    public static void AddApprovals(this IServiceCollection services)
    {
        services.AddSingleton<IValidateOptions<ApprovalOptions>, ApprovalAddressValidator>();
        services.AddOptionsWithValidateOnStart<ApprovalOptions, ApprovalOptionsValidator>().BindConfiguration(ApprovalOptions.Section);
        services.AddSingleton<ApprovalStore>();
        services.AddSingleton<ApprovalEvents>();
        services.AddSingleton<ApprovalCheck>();
        services.AddSingleton<ApprovalControl>();
    }
}
