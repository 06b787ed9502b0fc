using MLEvents.Dashboard.History;
using MLEvents.Dashboard.Operating;

namespace MLEvents.Dashboard.Approvals;

/// <summary>Reads a question from the history, and reads later decisions from the service that asked it.</summary>
internal sealed class QuestionReader(ApprovalQueries queries, OperatorApiClient services, TimeProvider time)
{
    /// <summary>Finds a question.</summary>
    /// <returns>The question, its current state, and the reason why the service could not be read (empty if there is none). Null if the history does not contain the question.</returns>
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

        var answer = await services.SendAsync(asked.Question.Service, HttpMethod.Get, $"approvals/{asked.Question.ActionId}", cancellationToken);
        return (asked, answer.IsSuccess ? view.With(answer.Body, generation) : view, answer.Message);
    }
}
