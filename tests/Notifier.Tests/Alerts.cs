using MLEvents.Ledger;
using MLEvents.Rules.Plans;
using MLEvents.Tests.Services;

namespace MLEvents.Notifier.Tests;

/// <summary>Plans and records that the tests vary.</summary>
internal static class Alerts
{
    public static MailPlan Mail { get; } = new()
    {
        Studio = new Uri("https://ml.azure.com/runs/r1"),
        To = ["ann@example.org"],
        Subject = "churn drifted",
        Text = "The data of churn drifted.",
    };

    /// <summary>Takes a step with the plan of the record, as the ledger does.</summary>
    public static Task<StepResult> StepAsync(this IActionExecutor<AlertPlan> work, ActionRecord record, CancellationToken cancellationToken) =>
        work.StepAsync(record, AlertPlan.Read(record.Plan), cancellationToken);

    public static ActionRecord Record(AlertPlan plan, string correlationId = "chain-1")
    {
        var workflowEvent = SampleEvents.Create("RunCompleted", id: "e1");
        return new ActionRecord
        {
            Id = ActionRecord.IdOf("notifier", "tell", workflowEvent),
            Service = "notifier",
            Rule = "tell",
            CorrelationId = correlationId,
            Event = workflowEvent.Envelope,
            Plan = plan.ToJson(),
            CreatedAt = new DateTimeOffset(2026, 11, 1, 12, 0, 5, TimeSpan.Zero),
        };
    }
}
