using System.Globalization;

namespace MLEvents.Ledger.Approvals;

/// <summary>The values that an action's record holds about its approval, in its state.</summary>
internal static class ApprovalProgress
{
    private const string Outcome = "approval";
    private const string By = "approval.by";
    private const string At = "approval.at";
    private const string Comment = "approval.comment";
    private const string Resume = "approval.resume";
    private const string Asked = "approval.asked";
    private const string Published = "approval.published";
    internal const string Waited = "approval.waited";

    /// <summary>Whether the question of the action is settled.</summary>
    public static bool IsSettled(ActionRecord record) => record.State.GetValueOrDefault(Outcome) is { Length: > 0 };

    /// <summary>The stage that the action returns to.</summary>
    public static string ResumeStage(ActionRecord record) => record.State.GetValueOrDefault(Resume, "");

    /// <summary>The number of published decisions.</summary>
    public static int PublishedDecisions(ActionRecord record) => int.TryParse(record.State.GetValueOrDefault(Published), CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>The state of an action that waits for a decision.</summary>
    public static Dictionary<string, string> Ask(ActionRecord record, ApprovalQuestion question) => new()
    {
        [Resume] = record.Stage == LedgerStages.AwaitingApproval ? ResumeStage(record) : record.Stage,
        [Asked] = Text(question.AskedAt),
    };

    /// <summary>The state after decisions were published.</summary>
    public static Dictionary<string, string> Publish(int decisions) => new() { [Published] = decisions.ToString(CultureInfo.InvariantCulture) };

    /// <summary>The state of an action whose question is settled: the person, the time and the comment.</summary>
    public static Dictionary<string, string> Settle(ApprovalQuestion question, ApprovalDecision last, DateTimeOffset now) => new()
    {
        [Outcome] = last.Kind.ToString().ToLowerInvariant(),
        [By] = string.Join(", ", question.Decisions.Where(decision => decision.Kind == last.Kind).Select(decision => decision.By)),
        [At] = Text(last.At),
        [Comment] = string.Join("\n", question.Decisions.Select(decision => decision.Comment).Where(comment => !string.IsNullOrEmpty(comment))),
        [Waited] = (now - question.AskedAt).ToString("c", CultureInfo.InvariantCulture),
        [Published] = question.Decisions.Count.ToString(CultureInfo.InvariantCulture),
    };

    private static string Text(DateTimeOffset moment) => moment.ToString("O", CultureInfo.InvariantCulture);
}

/// <summary>Times of approvals that services take into account.</summary>
public static class ApprovalTimes
{
    /// <summary>How long the action waited for its approval; zero if it needs none or still waits. The time limits of an action exclude this wait.</summary>
    public static TimeSpan ApprovalWait(this ActionRecord record) =>
        TimeSpan.TryParse(record.State.GetValueOrDefault(ApprovalProgress.Waited), CultureInfo.InvariantCulture, out var waited) ? waited : TimeSpan.Zero;
}
