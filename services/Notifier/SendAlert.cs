using MLEvents.Ledger;
using MLEvents.Notifier.Bindings;
using MLEvents.Notifier.Email;
using MLEvents.Notifier.Throttling;
using MLEvents.Rules.Plans;

namespace MLEvents.Notifier;

/// <summary>Sends an alert: in one step, or in two if its rule has a limit.</summary>
internal sealed class SendAlert(MailSender mail, ThrottledMail throttled, DigestSender digests, BindingSender bindings, NotifierTelemetry telemetry) : IActionExecutor<AlertPlan>
{
    public async Task<StepResult> StepAsync(ActionRecord record, AlertPlan plan, CancellationToken cancellationToken)
    {
        var result = plan switch
        {
            MailPlan { Throttle: { } throttle } message when !record.IsForced => await throttled.StepAsync(message, throttle, record, cancellationToken),
            MailPlan message => await mail.SendAsync(message, record, cancellationToken),
            DigestPlan digest => await digests.SendAsync(digest, record, cancellationToken),
            BindingPlan call => await bindings.SendAsync(call, record, cancellationToken),
            _ => throw new NotSupportedException($"No sender exists for plans of type {plan.GetType().Name}."),
        };
        telemetry.Attempted(plan.Channel, result);
        return result with { Links = new Dictionary<string, Uri> { ["studio"] = plan.Studio } };
    }

    public IReadOnlyDictionary<string, string> DescribeEvidence(ActionRecord record, AlertPlan plan) => plan switch
    {
        MailPlan message => new Dictionary<string, string> { ["mail to"] = string.Join(", ", message.To), ["subject"] = message.Subject },
        BindingPlan call => new Dictionary<string, string> { ["binding"] = call.Binding, ["operation"] = call.Operation },
        _ => new Dictionary<string, string> { ["channel"] = plan.Channel },
    };
}
