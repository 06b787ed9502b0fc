using Microsoft.EntityFrameworkCore;

namespace MLEvents.Dashboard.History;

/// <summary>Reads questions and decisions for the pages.</summary>
internal sealed class ApprovalQueries(HistoryDatabase database)
{
    private const int MaxDecisions = 1000;

    /// <summary>The questions that have no final decision and whose action has neither ended nor been restarted, the earliest expiry first.</summary>
    public async Task<IReadOnlyList<QuestionHistory>> OpenAsync(int limit, CancellationToken cancellationToken)
    {
        await using var context = database.Open();
        var questions = await Open(context).OrderBy(question => question.ExpiresAt).Take(limit).ToListAsync(cancellationToken);
        return await WithDecisionsAsync(context, questions, cancellationToken);
    }

    /// <summary>The number of open questions.</summary>
    public async Task<int> CountOpenAsync(CancellationToken cancellationToken)
    {
        await using var context = database.Open();
        return await Open(context).CountAsync(cancellationToken);
    }

    /// <summary>The questions that are not open anymore, the latest first.</summary>
    public async Task<IReadOnlyList<QuestionHistory>> SettledAsync(int limit, CancellationToken cancellationToken)
    {
        await using var context = database.Open();
        var open = Open(context);
        var questions = await context.Questions.Where(question => !open.Any(one => one.Id == question.Id)).OrderByDescending(question => question.AskedAt).Take(limit).ToListAsync(cancellationToken);
        return await WithDecisionsAsync(context, questions, cancellationToken);
    }

    /// <summary>Finds the question of a generation of an action.</summary>
    public async Task<QuestionHistory?> FindAsync(string actionId, int generation, CancellationToken cancellationToken)
    {
        await using var context = database.Open();
        var id = StoredQuestion.KeyOf(actionId, generation);
        var question = await context.Questions.Where(stored => stored.Id == id).ToListAsync(cancellationToken);
        return await WithDecisionsAsync(context, question, cancellationToken) is [var only] ? only : null;
    }

    private static IQueryable<StoredQuestion> Open(HistoryContext context) => context.Questions.Where(question =>
        !context.Decisions.Any(decision => decision.QuestionId == question.Id && decision.IsFinal)
        && !context.Actions.Any(action => action.Id == question.ActionId && (action.Generation > question.Generation || (action.Generation == question.Generation && action.Rank == StoredAction.EndedRank))));

    private static async Task<IReadOnlyList<QuestionHistory>> WithDecisionsAsync(HistoryContext context, List<StoredQuestion> questions, CancellationToken cancellationToken)
    {
        var ids = questions.Select(question => question.Id).ToList();
        var actionIds = questions.Select(question => question.ActionId).Distinct().ToList();
        var decisions = (await context.Decisions.Where(decision => ids.Contains(decision.QuestionId)).OrderBy(decision => decision.At).Take(MaxDecisions).ToListAsync(cancellationToken)).ToLookup(decision => decision.QuestionId);
        var actions = await context.Actions.Where(action => actionIds.Contains(action.Id)).ToDictionaryAsync(action => action.Id, cancellationToken);
        return [.. questions.Select(question => new QuestionHistory(question, [.. decisions[question.Id]], actions.GetValueOrDefault(question.ActionId)))];
    }
}

/// <summary>A question with its decisions and its action.</summary>
/// <param name="Question">The question.</param>
/// <param name="Decisions">The decisions about the question, the earliest first.</param>
/// <param name="Action">The action; null if none of its changes has arrived.</param>
public sealed record QuestionHistory(StoredQuestion Question, IReadOnlyList<StoredDecision> Decisions, StoredAction? Action);
