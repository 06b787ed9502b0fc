using System.Globalization;

using MLEvents.Dashboard.History;
using MLEvents.Dashboard.Operating;

namespace MLEvents.Dashboard.Bulk;

/// <summary>Continues a run within a request, with the token of the user who asks for it, for a few seconds.</summary>
internal sealed class BulkRunner(BulkStore store, OperatorRequest request, AuditLog audit, TimeProvider time)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(3);

    /// <summary>Asks the services about the actions that are left.</summary>
    /// <returns>Why the run stopped early, for people: a service does not answer or does not accept the user. Null if it did not.</returns>
    public async Task<string?> ContinueAsync(HttpContext context, BulkProgress progress)
    {
        if (progress.IsComplete)
        {
            return null;
        }

        var entry = await audit.ContinueAsync(progress.Run, context, context.RequestAborted);
        var stop = await AskAsync(context, progress);
        if (await store.FindAsync(progress.Run.Id, CancellationToken.None) is { } now)
        {
            await audit.CompleteAsync(entry, now.Describe() + (stop is null ? "" : $" It stopped: {stop}"), CancellationToken.None);
        }

        return stop;
    }

    private async Task<string?> AskAsync(HttpContext context, BulkProgress progress)
    {
        var begin = time.GetTimestamp();
        foreach (var item in progress.Items.Where(item => item.Result is null))
        {
            var answer = await request.SendUnrecordedAsync(context, CallOf(progress.Run, item));
            if (answer.IsAboutAll)
            {
                // The action is asked for again when the run is continued.
                return answer.Message;
            }

            await store.CompleteAsync(item, answer.IsSuccess ? "accepted" : answer.Message, answer.IsSuccess, context.RequestAborted);
            if (time.GetElapsedTime(begin) >= Longest)
            {
                return null;
            }
        }

        return null;
    }

    private static OperatorCall CallOf(BulkRun run, BulkItem item)
    {
        // The service refuses a retry of another generation: somebody has restarted the action since it was listed.
        var generation = item.Generation is { } listed ? string.Create(CultureInfo.InvariantCulture, $"generation={listed}") : null;
        var rules = run.Operation == BulkFilter.RetryWithRules ? "currentRules=true" : null;
        return run.Operation == BulkFilter.Cancel
            ? new OperatorCall(item.Service, run.Operation, item.ActionId, $"actions/{item.ActionId}/cancel") { Reason = run.Reason }
            : new OperatorCall(item.Service, run.Operation, item.ActionId, $"actions/{item.ActionId}/retry") { Reason = run.Reason, Parameters = [.. new[] { generation, rules }.OfType<string>()] };
    }
}
