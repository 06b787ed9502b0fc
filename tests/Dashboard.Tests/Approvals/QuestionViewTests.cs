using MLEvents.Dashboard.Approvals;
using MLEvents.Dashboard.History;

namespace MLEvents.Dashboard.Tests.Approvals;

/// <summary>The order of the evidence on the page of a question.</summary>
public sealed class QuestionViewTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Metrics_and_the_verification_follow_the_model_and_precede_the_traffic()
    {
        var view = QuestionView.From(new QuestionHistory(Question, [], Action: null), Now);

        Assert.Equal(
            ["model", "metric auc", "metric recall", "verification", "result", "traffic", "traffic now", "traffic after the first step", "deployment", "autoscale"],
            view.Evidence.Select(evidence => evidence.Key));
    }

    private static StoredQuestion Question { get; } = new()
    {
        Id = StoredQuestion.KeyOf("00112233445566778899", 1),
        ActionId = "00112233445566778899",
        Service = "deployer",
        Rule = "churn-rollout",
        CorrelationId = "chain-1",
        EventKey = "event-1",
        EventType = "ModelRegistered",
        EventSubject = "models/churn:12",
        AskedPeople = "ml-leads@example.com",
        Before = "traffic",
        Evidence = """
            {
              "deployment": "m12", "autoscale": "1 to 3", "traffic after the first step": "m12 10%", "traffic now": "m11 100%", "traffic": "10, 100 percent",
              "result": "waits", "verification": "passed 1 check", "metric auc": "0.8", "metric recall": "0.7", "model": "churn:12"
            }
            """,
        Links = "{}",
        ExpiresAt = Now + TimeSpan.FromHours(1),
        OnTimeout = "reject",
    };
}
