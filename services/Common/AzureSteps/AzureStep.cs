using MLEvents.AzureML.Errors;
using MLEvents.Events;
using MLEvents.Ledger;

namespace MLEvents.AzureSteps;

/// <summary>Runs a step of an action that calls Azure, and converts a failure of Azure to the step's result.</summary>
public sealed partial class AzureStep(ILogger<AzureStep> logger)
{
    private const int Conflict = 409;
    private const string Identity = "the identity of this service at Azure (AzureML:Credential)";

    /// <summary>Runs one step.</summary>
    /// <param name="record">The action.</param>
    /// <param name="step">The step's calls to Azure.</param>
    /// <returns>
    /// The step's own result; <see cref="Retry"/> for a transient failure of Azure, <see cref="CredentialRefused"/> if Azure refuses the identity of this service, and <see cref="Failed"/> for any
    /// other failure of Azure and for an invalid name or id in the plan. Other exceptions are thrown.
    /// </returns>
    public async Task<StepResult> RunAsync(ActionRecord record, Func<Task<StepResult>> step)
    {
        var result = await TryAsync(record, step);
        if (result is Retry)
        {
            LogRetry(record.Id, record.Stage, record.Attempt, result.Detail);
        }

        return result;
    }

    /// <summary>Whether a later attempt may succeed. This includes a conflict (409) on an online endpoint, because an endpoint accepts one change at a time.</summary>
    /// <param name="exception">The failed call.</param>
    public static bool IsRetried(AzureException exception) =>
        exception.IsTransient || (exception.Status == Conflict && exception.Operation.StartsWith("Online", StringComparison.Ordinal));

    private static async Task<StepResult> TryAsync(ActionRecord record, Func<Task<StepResult>> step)
    {
        try
        {
            return await step();
        }
        catch (AzureException exception) when (exception.IsCredentialRefused)
        {
            return new CredentialRefused(KeyOf(record, exception), Identity) { Detail = exception.ToText() };
        }
        catch (AzureException exception)
        {
            return IsRetried(exception)
                ? new Retry(exception.RetryAfter) { Detail = exception.ToText() }
                : new Failed { Detail = exception.ToText() };
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            // A name or an ARM id in the plan is invalid, and no attempt changes the plan.
            return new Failed { Detail = exception.Message };
        }
    }

    // A token is used for every workspace, so a refused token concerns all calls. A role is granted for one workspace and one kind of operation.
    private static string KeyOf(ActionRecord record, AzureException exception) =>
        exception.Status == 403 ? $"azure {exception.Operation.Split('_')[0]} {ArmId.Normalize(record.ReadEventReference().Source)}" : "azure";

    [LoggerMessage(1, LogLevel.Warning, "Action {ActionId}: attempt {Attempt} of stage '{Stage}' failed and is retried: {Detail}")]
    private partial void LogRetry(string actionId, string stage, int attempt, string? detail);
}
