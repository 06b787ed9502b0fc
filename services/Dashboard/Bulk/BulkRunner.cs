using MLEvents.Dashboard.Operating;

namespace MLEvents.Dashboard.Bulk;

/// <summary>Continues a run within a request, with the token of the user who asks for it, for a few seconds.</summary>
internal sealed class BulkRunner(BulkStore store, OperatorRequest request, TimeProvider time)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(3);

    /// <summary>Asks the services about the actions that are left.</summary>
    /// <returns>Why the run stopped early, for people: a service does not answer or does not accept the user. Null if it did not.</returns>
    public async Task<string?> ContinueAsync(HttpContext context, BulkProgress progress)
    {
        var begin = time.GetTimestamp();
        foreach (var item in progress.Items.Where(item => item.Result is null))
        {
            var call = new OperatorCall(item.Service, $"{progress.Run.Operation} ({progress.Run.Id[..8]})", item.ActionId, $"actions/{item.ActionId}/{progress.Run.Operation}") { Reason = progress.Run.Reason };
            var answer = await request.SendAsync(context, call);
            if (IsAboutAll(answer.Status))
            {
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

    // Not reached, not allowed, or unavailable: the other actions would fail alike, and this one is asked again later.
    private static bool IsAboutAll(int status) => status is 0 or StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden or >= StatusCodes.Status500InternalServerError;
}
