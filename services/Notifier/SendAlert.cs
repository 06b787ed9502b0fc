using MLEvents.Ledger;
using MLEvents.Notifier.Bindings;
using MLEvents.Notifier.Email;
using MLEvents.Notifier.Outgoing;
using MLEvents.Notifier.Throttling;
using MLEvents.Rules.Plans;

namespace MLEvents.Notifier;

/// <summary>Sends an alert: in one step, or in two if its rule has a limit.</summary>
internal sealed class SendAlert(OutgoingGuard guard, MailSender mail, ThrottledMail throttled, DigestSender digests, BindingSender bindings, NotifierTelemetry telemetry) : IActionExecutor<AlertPlan>
{
    public async Task<StepResult> StepAsync(ActionRecord record, AlertPlan plan, CancellationToken cancellationToken)
    {
        var result = guard.FindRefusal(plan) is { } refusal ? new Failed { Detail = $"{refusal}; nothing was sent" } : await SendAsync(record, plan, cancellationToken);
        telemetry.Attempted(plan.Channel, result);
        return result with { Links = new Dictionary<string, Uri> { ["studio"] = plan.Studio } };
    }

    private async Task<StepResult> SendAsync(ActionRecord record, AlertPlan plan, CancellationToken cancellationToken) => plan switch
    {
        MailPlan { Throttle: { } throttle } message when !record.IsForced => await throttled.StepAsync(message, throttle, record, cancellationToken),
        MailPlan message => await mail.SendAsync(message, record, cancellationToken),
        DigestPlan digest => await digests.SendAsync(digest, record, cancellationToken),
        BindingPlan call => await bindings.SendAsync(call, record, cancellationToken),
        _ => throw new NotSupportedException($"No sender exists for plans of type {plan.GetType().Name}."),
    };
}
