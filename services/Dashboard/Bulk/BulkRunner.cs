using System.Globalization;

using MLEvents.Dashboard.History;
using MLEvents.Dashboard.Operating;
using MLEvents.Events;

namespace MLEvents.Dashboard.Bulk;

/// <summary>Continues a bulk run within a request of a user, with the user's token, for a few seconds.</summary>
internal sealed class BulkRunner(BulkStore store, OperatorRequest request, OperatorApiClient services, AuditLog audit, TimeProvider time)
{
    private static readonly TimeSpan MaxDuration = TimeSpan.FromSeconds(3);

    /// <summary>Requests the operation for the remaining actions from their services.</summary>
    /// <returns>The reason why the run stopped, for people, for instance because a service does not answer. Null if all actions were requested, or if only the time was up.</returns>
    public async Task<string?> ContinueAsync(HttpContext context, BulkProgress progress)
    {
        if (progress.IsComplete)
        {
            return null;
        }

        try
        {
            var entry = await audit.ContinueAsync(progress.Run, context, context.RequestAborted);
            var stop = await TrySendAsync(context, progress);
            if (await store.FindAsync(progress.Run.Id, CancellationToken.None) is { } now)
            {
                await audit.TryCompleteAsync(entry, now.Describe() + (stop is null ? "" : $" It stopped: {stop}"));
            }

            return stop;
        }
        catch (Exception exception) when (audit.IsUnavailable(exception))
        {
            return $"The run stopped, because the answers of the services cannot be stored: {exception.GetBaseException().Message}";
        }
    }

    private async Task<string?> TrySendAsync(HttpContext context, BulkProgress progress)
    {
        try
        {
            return await SendAsync(context, progress);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The action of the cancelled request has no result, so it is requested again when the run continues.
            return "The browser disconnected.";
        }
    }

    private async Task<string?> SendAsync(HttpContext context, BulkProgress progress)
    {
        var started = time.GetTimestamp();
        foreach (var item in progress.Items.Where(item => item.Result is null))
        {
            var answer = await request.SendUnrecordedAsync(context, CallOf(progress.Run, item));
            if (answer.AffectsAllActions)
            {
                // The action has no result, so it is requested again when the run continues.
                return answer.Message;
            }

            // The service has answered the request, so the answer is stored even if the browser has disconnected.
            var isAccepted = answer.IsSuccess || await WasRestartedByRunAsync(progress.Run, item, answer);
            await store.CompleteAsync(item, isAccepted ? "accepted" : answer.Message, isAccepted, CancellationToken.None);
            if (time.GetElapsedTime(started) >= MaxDuration)
            {
                return null;
            }
        }

        return null;
    }

    // If the answer to a retry was lost, the run sends the retry again. The service refuses the second retry, because the action already has a new generation. The action's intervention
    // shows whether the first retry of this run created that generation. The check continues even if the browser has disconnected, because its result is stored.
    private async Task<bool> WasRestartedByRunAsync(BulkRun run, BulkItem item, ServiceAnswer answer)
    {
        if (answer.Status != StatusCodes.Status409Conflict || item.Generation is not { } listed)
        {
            return false;
        }

        var action = await services.SendAsync(item.Service, HttpMethod.Get, $"actions/{item.ActionId}", CancellationToken.None);
        return action.IsSuccess
            && JsonText.TryMember(action.Body, "generation", out var generation) && generation.TryGetInt32(out var now) && now == listed + 1
            && JsonText.TryMember(action.Body, "intervention", out var intervention) && JsonText.Text(intervention, "reason") == run.Reason
            && JsonText.TryMember(intervention, "at", out var at) && at.TryGetDateTimeOffset(out var restarted) && restarted >= run.At;
    }

    private static OperatorCall CallOf(BulkRun run, BulkItem item)
    {
        // If the action was restarted after it was listed, the service refuses the retry, because the generation differs.
        var generation = item.Generation is { } listed ? string.Create(CultureInfo.InvariantCulture, $"generation={listed}") : null;
        var rules = run.Operation == BulkFilter.RetryWithRules ? "currentRules=true" : null;
        return run.Operation == BulkFilter.Cancel
            ? new OperatorCall(item.Service, run.Operation, item.ActionId, $"actions/{item.ActionId}/cancel") { Reason = run.Reason }
            : new OperatorCall(item.Service, run.Operation, item.ActionId, $"actions/{item.ActionId}/retry") { Reason = run.Reason, Parameters = [.. new[] { generation, rules }.OfType<string>()] };
    }
}
