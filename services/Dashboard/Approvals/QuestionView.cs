using System.Collections.ObjectModel;
using System.Text.Json;

using MLEvents.Dashboard.History;

namespace MLEvents.Dashboard.Approvals;

/// <summary>A question as its page shows it, with the state from the history or from the service that asked it.</summary>
public sealed record QuestionView
{
    /// <summary>approved, rejected, superseded, expired or open.</summary>
    public required string Status { get; init; }

    /// <summary>The evidence for the decision, by name.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Evidence { get; init; }

    /// <summary>The decisions, the earliest first.</summary>
    public required IReadOnlyList<DecisionView> Decisions { get; init; }

    /// <summary>The user who caused the action and therefore must not approve it; null if unknown.</summary>
    public string? RequestedBy { get; init; }

    /// <summary>Whether a decision is still possible.</summary>
    public bool IsOpen => Status == "open";

    /// <summary>The name of the model that the decision is about; null if the evidence names none.</summary>
    public string? Model => Evidence.FirstOrDefault(evidence => evidence.Key == "model").Value?.Split(':') is [{ Length: > 0 } name, _] ? name : null;

    /// <summary>Creates the view from the history.</summary>
    /// <param name="asked">The question.</param>
    /// <param name="now">The current time. It determines whether the question is expired.</param>
    public static QuestionView From(QuestionHistory asked, DateTimeOffset now) => new()
    {
        Status = StatusOf(asked, now),
        Evidence = [.. (JsonSerializer.Deserialize(asked.Question.Evidence, DashboardJson.Default.IReadOnlyDictionaryStringString) ?? ReadOnlyDictionary<string, string>.Empty).OrderBy(evidence => EvidenceOrder.RankOf(evidence.Key))],
        Decisions = [.. asked.Decisions.Select(decision => new DecisionView(decision.Decision, decision.DecidedBy, decision.At, decision.Comment))],
    };

    /// <summary>Adds the state that the service reported. The page can then show a decision before its activity event arrives.</summary>
    /// <param name="answer">The answer of the operator API.</param>
    /// <param name="generation">The generation of the question.</param>
    public QuestionView With(JsonElement answer, int generation)
    {
        var live = answer.Deserialize(DashboardJson.Default.ServiceQuestion);
        return live switch
        {
            { Status: { } status, Decisions: { } decisions } when live.Generation == generation => this with
            {
                Status = status == "open" && Status == "expired" ? Status : status,
                Decisions = decisions,
                RequestedBy = live.RequestedBy,
            },
            { Generation: var later } when later > generation => this with { Status = IsOpen || Status == "expired" ? "superseded" : Status },
            _ => this,
        };
    }

    private static string StatusOf(QuestionHistory asked, DateTimeOffset now) => asked switch
    {
        { Decisions: [.., { IsFinal: true } last] } => last.Decision,
        { Action: { } action, Question: var question } when action.Generation > question.Generation || (action.Generation == question.Generation && action.IsFinished) => "superseded",
        _ => now >= asked.Question.ExpiresAt ? "expired" : "open",
    };

    /// <summary>The question as the operator API of its service returns it.</summary>
    internal sealed record ServiceQuestion(int Generation, string? Status, IReadOnlyList<DecisionView>? Decisions, string? RequestedBy);
}

/// <summary>A decision as its page shows it.</summary>
/// <param name="Decision">approved, rejected or superseded.</param>
/// <param name="By">The person who decided.</param>
/// <param name="At">The time of the decision.</param>
/// <param name="Comment">The comment; null if there is none.</param>
public sealed record DecisionView(string Decision, string By, DateTimeOffset At, string? Comment);

/// <summary>The display order of evidence: the model, its metrics, the verification, the result, the traffic, then all other entries.</summary>
internal static class EvidenceOrder
{
    private const string Metrics = "metrics";

    // The deployer writes an entry for each metric, or the entry "metrics" with the reason why the metrics are not known.
    private const string MetricPrefix = "metric ";

    private static readonly string[] First = ["model", Metrics, "verification", "result", "traffic", "traffic now", "traffic after the first step"];

    public static int RankOf(string name) => Array.IndexOf(First, name.StartsWith(MetricPrefix, StringComparison.Ordinal) ? Metrics : name) is >= 0 and var place ? place : First.Length;
}
