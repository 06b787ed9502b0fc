using MLEvents.AzureML;
using MLEvents.Ledger;

namespace MLEvents.Deployer;

/// <summary>What a call to Azure that failed means for an action.</summary>
internal static class AzureFailure
{
    private const int Conflict = 409;

    /// <summary>Another attempt when the failure may pass by itself, else the end. An endpoint takes one change at a time, so a conflict passes too.</summary>
    public static StepResult ToResult(this AzureException refusal) => refusal.IsTransient || refusal.Status == Conflict
        ? new Retry(refusal.RetryAfter) { Detail = refusal.ToText() }
        : new Failed { Detail = refusal.ToText() };
}
