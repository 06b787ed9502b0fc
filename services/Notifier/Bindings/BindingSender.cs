using System.Text;

using Dapr;
using Dapr.Client;

using Grpc.Core;

using MLEvents.Ledger;
using MLEvents.Rules;

namespace MLEvents.Notifier.Bindings;

/// <summary>Calls a Dapr output binding.</summary>
internal sealed class BindingSender(DaprClient dapr)
{
    public async Task<StepResult> SendAsync(BindingPlan plan, CancellationToken cancellationToken)
    {
        var request = new BindingRequest(plan.Binding, plan.Operation) { Data = Encoding.UTF8.GetBytes(plan.Data) };
        foreach (var (name, value) in plan.Metadata)
        {
            request.Metadata.Add(name, value);
        }

        try
        {
            await dapr.InvokeBindingAsync(request, cancellationToken);
            return new Succeeded { Detail = $"sent to binding {plan.Binding}" };
        }
        catch (DaprException exception) when (exception.InnerException is RpcException refusal && !cancellationToken.IsCancellationRequested)
        {
            return BindingFailure.ToResult(refusal.Status);
        }
    }
}
