using MLEvents.Dashboard.History;
using MLEvents.Dashboard.Operating;

namespace MLEvents.Dashboard.Approvals;

/// <summary>Reads a question from the history and asks its service what was decided since.</summary>
internal sealed class QuestionReader(ApprovalQueries queries, ServiceOperator services, TimeProvider time)
{
    /// <summary>Reads.</summary>
    /// <returns>Null if the history does not hold the question.</returns>
    public async Task<(QuestionHistory Asked, QuestionView View, string Fault)?> FindAsync(string actionId, int generation, CancellationToken cancellationToken)
    {
        if (await queries.FindAsync(actionId, generation, cancellationToken) is not { } asked)
        {
            return null;
        }

        var view = QuestionView.From(asked, time.GetUtcNow());
        if (!view.IsOpen && view.Status != "expired")
        {
            return (asked, view, "");
        }

        var answer = await services.AskAsync(asked.Question.Service, HttpMethod.Get, $"approvals/{asked.Question.ActionId}", cancellationToken);
        return (asked, answer.IsSuccess ? view.With(answer.Body, generation) : view, answer.Message);
    }
}
