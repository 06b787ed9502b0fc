using MLEvents.Dashboard.History;

namespace MLEvents.Dashboard.Approvals;

/// <summary>Registers the services that the pages of questions use.</summary>
internal static class ApprovalServiceCollectionExtensions
{
    public static void AddApprovals(this IServiceCollection services)
    {
        services.AddSingleton<ApprovalQueries>();
        services.AddTransient<QuestionReader>();
    }
}
