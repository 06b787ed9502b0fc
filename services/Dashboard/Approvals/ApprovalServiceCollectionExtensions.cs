using MLEvents.Dashboard.History;

namespace MLEvents.Dashboard.Approvals;

/// <summary>Registers what the pages of questions need.</summary>
internal static class ApprovalServiceCollectionExtensions
{
    public static void AddApprovals(this IServiceCollection services)
    {
        services.AddSingleton<ApprovalQueries>();
        services.AddTransient<QuestionReader>();
    }
}
