using MLEvents.AzureML.Errors;

using Polly;

namespace MLEvents.AzureML.Resilience;

/// <summary>Makes the calls to one dependency within its limits, and converts failures to <see cref="AzureException"/>.</summary>
internal sealed partial class AzureDependency(ResiliencePipeline pipeline, TimeProvider time, ILogger<AzureDependency> logger)
{
    /// <summary>Key of Azure Resource Manager.</summary>
    public const string Arm = "arm";

    /// <summary>Key of Data Factory.</summary>
    public const string DataFactory = "dataFactory";

    /// <summary>Key of the MLflow tracking servers.</summary>
    public const string Tracking = "tracking";

    /// <summary>Key of the batch endpoints, which have their own addresses.</summary>
    public const string BatchEndpoints = "batchEndpoints";

    /// <summary>Calls an operation that may be repeated.</summary>
    public Task<T> CallAsync<T>(string operation, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken) =>
        CallAsync(operation, Repeat.WhenTransient, call, cancellationToken);

    /// <summary>Calls an operation that returns no value and may be repeated.</summary>
    public Task CallAsync(string operation, Func<CancellationToken, Task> call, CancellationToken cancellationToken) =>
        CallAsync(operation, Repeat.WhenTransient, async token => { await call(token); return true; }, cancellationToken);

    /// <summary>Calls an operation.</summary>
    public async Task<T> CallAsync<T>(string operation, Repeat repeat, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        var context = ResilienceContextPool.Shared.Get(operation, cancellationToken);
        context.Properties.Set(AzureResilience.Repeat, repeat);
        try
        {
            return await pipeline.ExecuteAsync(attempt => AttemptAsync(operation, call, attempt), context);
        }
        catch (ExecutionRejectedException rejection)
        {
            var error = AzureErrors.Rejected(operation, rejection, context.Properties.GetValue(AzureResilience.LastFailure, null));
            LogRejected(operation, error.Code, error.RequestId);
            throw error;
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private async ValueTask<T> AttemptAsync<T>(string operation, Func<CancellationToken, Task<T>> call, ResilienceContext context)
    {
        try
        {
            return await call(context.CancellationToken);
        }
        catch (Exception failure) when (AzureErrors.Translate(operation, failure, time, context.CancellationToken) is not null)
        {
            // An exception filter cannot pass its result to the handler, so the failure is converted again. The filter has checked that the result is not null.
            var error = AzureErrors.Translate(operation, failure, time, context.CancellationToken) ?? new AzureException(failure.Message, failure);
            context.Properties.Set(AzureResilience.LastFailure, error);
            LogFailed(operation, error.Status, error.Code, error.RequestId, error.IsTransient);
            throw error;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "{Operation} failed: status {Status}, code {Code}, request {RequestId}, transient: {IsTransient}")]
    private partial void LogFailed(string operation, int status, string code, string? requestId, bool isTransient);

    [LoggerMessage(2, LogLevel.Warning, "{Operation} ended without a result: {Code}; request id of the last answer: {RequestId}")]
    private partial void LogRejected(string operation, string code, string? requestId);
}

/// <summary>The failures after which a call is repeated.</summary>
internal enum Repeat
{
    /// <summary>After every transient failure. For idempotent operations.</summary>
    WhenTransient,

    /// <summary>Only after an answer that says that nothing was done. For operations that are not idempotent.</summary>
    WhenNotDone,
}
