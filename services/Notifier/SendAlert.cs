using System.Globalization;

using MLEvents.Ledger;
using MLEvents.Notifier.Bindings;
using MLEvents.Notifier.Chat;
using MLEvents.Notifier.Email;
using MLEvents.Notifier.Outgoing;
using MLEvents.Notifier.States;
using MLEvents.Notifier.Throttling;
using MLEvents.Rules.Plans;

namespace MLEvents.Notifier;

/// <summary>Sends an alert: in one step, or in several steps if its rule has a limit.</summary>
internal sealed class SendAlert(OutgoingGuard guard, MailSender mail, ThrottledAlert throttled, DigestSender digests, BindingSender bindings, ChatSender chat, AlertStateStore states, NotifierTelemetry telemetry) : IActionExecutor<AlertPlan>
{
    public async Task<StepResult> StepAsync(ActionRecord record, AlertPlan plan, CancellationToken cancellationToken)
    {
        // This check precedes the change of the alert's state, so that an alert that must not be sent does not become open.
        var (admitted, refusal) = guard.Admit(plan);
        if (refusal is not null)
        {
            return Attempted(plan, new Failed { Detail = $"{refusal}; nothing was sent" });
        }

        var notice = plan.State is { } state && !record.IsForced ? await states.DecideAsync(record, state, cancellationToken) : null;
        return notice is { Notice: AlertNotice.None, Reason: var reason } ? new Skipped { Detail = reason } : await SendAsync(record, Announced(admitted, notice), cancellationToken);
    }

    // The text describes the event. The subject of a mail, or the title of a chat message, says whether the alert recovered or is still open.
    private static AlertPlan Announced(AlertPlan plan, AlertDecision? decision)
    {
        var notice = decision switch
        {
            { Notice: AlertNotice.Resolved } => "Recovered: ",
            { Notice: AlertNotice.Reminder, Repeats: var repeats } => string.Create(CultureInfo.InvariantCulture, $"Still open, {repeats} {(repeats == 1 ? "repetition" : "repetitions")}: "),
            _ => "",
        };
        return plan switch
        {
            MailPlan mail => mail with { Subject = notice + mail.Subject },
            ChatPlan chat => chat with { Message = chat.Message with { Title = notice + chat.Message.Title } },
            _ => plan,
        };
    }

    private async Task<StepResult> SendAsync(ActionRecord record, AlertPlan plan, CancellationToken cancellationToken)
    {
        StepResult result = plan switch
        {
            _ when ThrottleOf(plan) is { } throttle && !record.IsForced => await throttled.StepAsync(plan, throttle, record, cancellationToken),
            MailPlan message => await mail.SendAsync(message, record, cancellationToken),
            ChatPlan message => await chat.SendAsync(message, record, cancellationToken),
            ChatDigestPlan digest => await digests.SendAsync(digest, record, cancellationToken),
            DigestPlan digest => await digests.SendAsync(digest, record, cancellationToken),
            BindingPlan call => await bindings.SendAsync(call, record, cancellationToken),
            _ => throw new NotSupportedException($"No sender exists for plans of type {plan.GetType().Name}."),
        };
        return Attempted(plan, result);
    }

    private static ThrottlePlan? ThrottleOf(AlertPlan plan) => plan switch
    {
        MailPlan message => message.Throttle,
        ChatPlan message => message.Throttle,
        BindingPlan call => call.Throttle,
        _ => null,
    };

    private StepResult Attempted(AlertPlan plan, StepResult result)
    {
        telemetry.Attempted(plan.Channel, result);
        var noted = plan.Problem is { } problem && result is Succeeded or Skipped ? result with { Detail = $"{result.Detail}; {problem}" } : result;
        return noted with { Links = new Dictionary<string, Uri> { [plan.PageName ?? "studio"] = plan.Studio } };
    }

    public string? FindCredential(ActionRecord record, AlertPlan plan) =>
        plan is MailPlan or DigestPlan ? MailFailure.CredentialKey : BindingFailure.KeyOf(plan.Channel);

    public IReadOnlyDictionary<string, string> DescribeEvidence(ActionRecord record, AlertPlan plan) => plan switch
    {
        MailPlan message => new Dictionary<string, string> { ["mail to"] = string.Join(", ", message.To), ["subject"] = message.Subject },
        ChatPlan message => new Dictionary<string, string> { ["binding"] = message.Binding, ["title"] = message.Message.Title },
        BindingPlan call => new Dictionary<string, string> { ["binding"] = call.Binding, ["operation"] = call.Operation },
        _ => new Dictionary<string, string> { ["channel"] = plan.Channel },
    };
}
