using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

using MLEvents.Ledger;
using MLEvents.Notifier.Bindings;
using MLEvents.Notifier.Email;
using MLEvents.Notifier.Throttling;
using MLEvents.Rules;

namespace MLEvents.Notifier;

/// <summary>The notifier's work: one step, which sends the alert; two if its rule has a limit.</summary>
internal sealed class SendAlert(MailSender mail, ThrottledMail throttled, DigestSender digests, BindingSender bindings, NotifierTelemetry telemetry) : IActionExecutor
{
    public async Task<StepResult> StepAsync(ActionRecord record, CancellationToken cancellationToken)
    {
        if (!TryRead(record.Plan, out var plan))
        {
            return new Failed { Detail = "the record holds no alert that this version of the notifier can read" };
        }

        var result = plan switch
        {
            MailPlan { Throttle: { } throttle } message when !record.IsForced => await throttled.StepAsync(message, throttle, record, cancellationToken),
            MailPlan message => await mail.SendAsync(message, record, cancellationToken),
            DigestPlan digest => await digests.SendAsync(digest, record, cancellationToken),
            BindingPlan call => await bindings.SendAsync(call, record, cancellationToken),
            _ => throw new NotSupportedException($"A plan of type {plan.GetType().Name} has no sender."),
        };
        telemetry.Attempted(plan.Channel, result);
        return result with { Links = new Dictionary<string, Uri> { ["studio"] = plan.Studio } };
    }

    private static bool TryRead(JsonElement json, [NotNullWhen(true)] out AlertPlan? plan)
    {
        try
        {
            plan = AlertPlan.Read(json);
            return true;
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            plan = null;
            return false;
        }
    }
}
