using System.Text;

using Dapr;
using Dapr.Client;

using Grpc.Core;

using MLEvents.Ledger;
using MLEvents.Rules.Plans;

namespace MLEvents.Notifier.Bindings;

/// <summary>Calls a Dapr output binding.</summary>
internal sealed class BindingSender(DaprClient dapr)
{
    private const string UnansweredKey = "callUnanswered";

    /// <summary>Calls the binding of an action at least once. The result reports a call that may have arrived twice.</summary>
    public async Task<StepResult> SendAsync(BindingPlan plan, ActionRecord record, CancellationToken cancellationToken)
    {
        var request = new BindingRequest(plan.Binding, plan.Operation) { Data = Encoding.UTF8.GetBytes(plan.Data) };
        foreach (var (name, value) in plan.Metadata)
        {
            request.Metadata.Add(name, value);
        }

        try
        {
            await dapr.InvokeBindingAsync(request, cancellationToken);
            return new Succeeded { Detail = DuplicateNotice.Append($"sent to binding {plan.Binding}", record, UnansweredKey, "an earlier call was not answered") };
        }
        catch (DaprException exception) when (exception.InnerException is RpcException refusal && !cancellationToken.IsCancellationRequested)
        {
            var result = BindingFailure.ToResult(refusal.Status);
            return result is Retry again && BindingFailure.IsUnanswered(refusal.Status) ? DuplicateNotice.Record(again, UnansweredKey) : result;
        }
    }
}
