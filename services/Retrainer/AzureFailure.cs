using MLEvents.AzureML;
using MLEvents.Ledger;

namespace MLEvents.Retrainer;

/// <summary>What a call to Azure that failed means for an action.</summary>
internal static class AzureFailure
{
    /// <summary>Another attempt when the failure may pass by itself, else the end.</summary>
    public static StepResult ToResult(this AzureException refusal) => refusal.IsTransient
        ? new Retry(refusal.RetryAfter) { Detail = refusal.ToText() }
        : new Failed { Detail = refusal.ToText() };
}
