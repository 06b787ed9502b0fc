using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.Ledger.Planning;

namespace MLEvents.Ledger.Approvals;

/// <summary>Stops an action before the step that needs an approval. Continues or ends the action when the question is settled.</summary>
/// <remarks>For an action that needs no approval, this class does not access the store.</remarks>
internal sealed partial class ApprovalCheck(
    IPlanning planning, ApprovalStore store, ApprovalEvents events, IOptions<LedgerOptions> options, TimeProvider time, ILogger<ApprovalCheck> logger)
{
    /// <summary>Asks for the approval of an action, or checks whether its question is settled.</summary>
    /// <returns>The result that the ledger records instead of the step; null if the step needs no approval, or has it.</returns>
    /// <exception cref="Dapr.DaprException">The state store is unavailable: the step is not taken.</exception>
    public async Task<StepResult?> HoldBackAsync(ActionRecord record, CancellationToken cancellationToken)
    {
        if (record.Approval is not { } demand || ApprovalProgress.IsSettled(record))
        {
            return null;
        }

        if (record.Stage != LedgerStages.AwaitingApproval)
        {
            return demand.Stages.Contains(record.Stage) ? await AskAsync(record, demand, cancellationToken) : null;
        }

        return await store.FindAsync(record, cancellationToken) is { } question
            ? await CheckQuestionAsync(record, demand, question, cancellationToken)
            : await AskAsync(record, demand, cancellationToken);
    }

    private async Task<StepResult> AskAsync(ActionRecord record, Approval demand, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var asked = new ApprovalQuestion(record.Id, record.Generation, now, now + demand.Timeout, await EvidenceAsync(record, cancellationToken))
        {
            RequestedBy = Requester.Find(record),
        };
        var question = await store.CreateAsync(record, asked, cancellationToken);
        LogAsked(record.Id, record.Rule, demand.Before, question.ExpiresAt);
        return Wait(demand, question) with { State = ApprovalProgress.Ask(record, question), Links = Links(record), Events = [events.Ask(record, demand, question)] };
    }

    private async Task<StepResult> CheckQuestionAsync(ActionRecord record, Approval demand, ApprovalQuestion question, CancellationToken cancellationToken)
    {
        var obstacle = question.Outcome is null ? await planning.FindObstacleAsync(record, cancellationToken) : null;
        var current = obstacle is not null ? await SettleAsync(record, new(DecisionKind.Superseded, record.Service, time.GetUtcNow(), obstacle), cancellationToken)
            : question.Outcome is null && time.GetUtcNow() >= question.ExpiresAt ? await SettleAsync(record, TimedOut(demand), cancellationToken)
            : question;
        var decisions = events.Report(record, current ?? question, ApprovalProgress.PublishedDecisions(record));
        return current is { Outcome: not null, Decisions: [.., var last] }
            ? await EndAsync(record, current, last, cancellationToken) with { Events = decisions }
            : Wait(demand, current ?? question) with { State = ApprovalProgress.Publish((current ?? question).Decisions.Count), Events = decisions };
    }

    // The write is conditional, so an earlier decision stays.
    private Task<ApprovalQuestion?> SettleAsync(ActionRecord record, ApprovalDecision decision, CancellationToken cancellationToken) =>
        store.UpdateAsync(record, stored => stored.Outcome is null ? stored.Settle(decision) : null, cancellationToken);

    private ApprovalDecision TimedOut(Approval demand) =>
        new(demand.IsApprovedOnTimeout ? DecisionKind.Approved : DecisionKind.Rejected, ApprovalDecision.TimeOut, time.GetUtcNow(), $"no decision within {demand.Timeout}");

    private async Task<StepResult> EndAsync(ActionRecord record, ApprovalQuestion question, ApprovalDecision last, CancellationToken cancellationToken)
    {
        LogSettled(record.Id, record.Rule, last.Kind, last.By);
        var state = ApprovalProgress.Settle(question, last, time.GetUtcNow());
        if (last.Kind == DecisionKind.Approved)
        {
            return new Continue(ApprovalProgress.ResumeStage(record), TimeSpan.Zero) { Detail = last.ToString(), State = state };
        }

        // Releases the resources that the action holds for the step, such as its place in a queue.
        await planning.CancelAsync(record, cancellationToken);
        return new Skipped { Detail = last.Kind == DecisionKind.Superseded ? last.Comment : last.ToString(), State = state };
    }

    private Continue Wait(Approval demand, ApprovalQuestion question)
    {
        var (left, longest) = (question.ExpiresAt - time.GetUtcNow(), options.Value.LimitInterval);
        var wait = left < longest ? TimeSpan.FromTicks(Math.Max(left.Ticks, TimeSpan.TicksPerMillisecond * 10)) : longest;
        var approved = question.Decisions.Count == 0 ? "" : $"; {question.Decisions.Count} of {demand.Required} approvals, by {string.Join(", ", question.Decisions.Select(decision => decision.By))}";
        return new(LedgerStages.AwaitingApproval, wait)
        {
            Detail = $"waits for approval before {demand.Before} until {question.ExpiresAt:yyyy-MM-dd HH:mm} UTC; asked: {string.Join(", ", demand.From)}{approved}",
        };
    }

    private Dictionary<string, Uri> Links(ActionRecord record) => events.LinkOf(record) is { } link ? new() { ["approval"] = link } : [];

    private async Task<Dictionary<string, string>> EvidenceAsync(ActionRecord record, CancellationToken cancellationToken)
    {
        var evidence = new Dictionary<string, string>(planning.DescribeEvidence(record)) { ["event"] = Describe(record.ReadEventReference()) };
        foreach (var (name, text) in await planning.ReadEvidenceAsync(record, cancellationToken))
        {
            evidence[name] = text;
        }

        if (record.Detail is { Length: > 0 } detail && record.Stage.Length > 0)
        {
            evidence["result"] = detail;
        }

        return evidence;
    }

    private static string Describe(EventReference reference) => $"{reference.Type.Split('.')[^1]} {reference.Subject} ({reference.Id})";

    [LoggerMessage(1, LogLevel.Information, "Action {ActionId} of rule {Rule} waits for approval before {Before} until {ExpiresAt}")]
    private partial void LogAsked(string actionId, string rule, string before, DateTimeOffset expiresAt);

    [LoggerMessage(2, LogLevel.Information, "Action {ActionId} of rule {Rule}: {Decision} by {By}")]
    private partial void LogSettled(string actionId, string rule, DecisionKind decision, string by);
}

/// <summary>Finds the person who caused an action.</summary>
internal static class Requester
{
    /// <summary>The person that the event names as the creator of its run; null if it names no person.</summary>
    public static string? Find(ActionRecord record) => JsonText.Text(record.ReadEvent().Data, "createdBy") is { Length: > 0 } name ? name : null;
}
