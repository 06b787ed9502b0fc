using System.Text;

using Dapr;
using Dapr.Client;

using Grpc.Core;

using MLEvents.Ledger;
using MLEvents.Rules.Plans;

namespace MLEvents.Notifier.Bindings;

/// <summary>Calls a Dapr output binding.</summary>
internal sealed class BindingSender(DaprClient dapr, WebhookRateLimiter limiter, TimeProvider time)
{
    private const string UnansweredKey = "callUnanswered";

    /// <summary>
    /// Calls the binding of an action, without a rate limit. A pause that the target has requested still applies.
    /// The detail of a successful call says whether the call may have arrived twice.
    /// </summary>
    public Task<StepResult> SendAsync(BindingPlan plan, ActionRecord record, CancellationToken cancellationToken) => SendAsync(plan, TimeSpan.Zero, _ => null, record, cancellationToken);

    /// <summary>Calls the binding at the rate that the spacing allows. A call that must wait consumes no attempt.</summary>
    /// <param name="plan">The call.</param>
    /// <param name="spacing">The average time from one call of the binding to the next; zero for no limit.</param>
    /// <param name="findRefusal">Reads an answer with a 2xx status. Returns the result of the step if the answer refuses the call, else null.</param>
    /// <param name="record">The action.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public async Task<StepResult> SendAsync(BindingPlan plan, TimeSpan spacing, Func<BindingResponse, StepResult?> findRefusal, ActionRecord record, CancellationToken cancellationToken)
    {
        if (limiter.FindWait(plan.Binding, spacing) is { } wait)
        {
            return new Continue(record.Stage, wait) { Detail = $"waits because of the rate limit of binding {plan.Binding}" };
        }

        var result = await CallAsync(plan, findRefusal, record, cancellationToken);
        if (result is Retry { After: { } after })
        {
            limiter.Pause(plan.Binding, after);
        }

        return result;
    }

    private async Task<StepResult> CallAsync(BindingPlan plan, Func<BindingResponse, StepResult?> findRefusal, ActionRecord record, CancellationToken cancellationToken)
    {
        try
        {
            var response = await dapr.InvokeBindingAsync(Request(plan), cancellationToken);
            return WebhookAnswer.FindRefusal(plan.Binding, response, time)
                ?? findRefusal(response)
                ?? new Succeeded { Detail = DuplicateNotice.Append($"sent to binding {plan.Binding}", record, UnansweredKey, "an earlier call was not answered") };
        }
        catch (DaprException exception) when (exception.InnerException is RpcException refusal && !cancellationToken.IsCancellationRequested)
        {
            var result = BindingFailure.ToResult(plan.Binding, refusal.Status);
            return result is Retry again && BindingFailure.IsUnanswered(refusal.Status) ? DuplicateNotice.Record(again, UnansweredKey) : result;
        }
    }

    private static BindingRequest Request(BindingPlan plan)
    {
        var request = new BindingRequest(plan.Binding, plan.Operation) { Data = Encoding.UTF8.GetBytes(plan.Data) };
        foreach (var (name, value) in plan.Metadata)
        {
            request.Metadata.Add(name, value);
        }

        WebhookAnswer.Ask(request);
        return request;
    }
}
