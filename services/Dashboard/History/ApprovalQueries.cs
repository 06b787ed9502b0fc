namespace MLEvents.Dashboard.History;

/// <summary>Reads questions and decisions for the pages.</summary>
internal sealed class ApprovalQueries(HistoryDatabase database)
{
    private const int MaxDecisions = 1000;

    private static readonly Sql IsOpen = $"""
        NOT EXISTS (SELECT 1 FROM "Decisions" WHERE "Decisions"."QuestionId" = "Questions"."Id" AND "Decisions"."IsFinal")
        AND NOT EXISTS (
            SELECT 1 FROM "Actions" WHERE "Actions"."Id" = "Questions"."ActionId" AND ("Actions"."Generation" > "Questions"."Generation"
            OR ("Actions"."Generation" = "Questions"."Generation" AND "Actions"."Rank" = {StoredAction.EndedRank})))
        """;

    /// <summary>The questions that have no final decision and whose action has neither ended nor been restarted, the earliest expiry first.</summary>
    public async Task<IReadOnlyList<QuestionHistory>> OpenAsync(int limit, CancellationToken cancellationToken)
    {
        await using var connection = database.Open();
        var questions = await connection.ReadQuestionsAsync($"""WHERE {IsOpen} ORDER BY "ExpiresAt" LIMIT {limit}""", cancellationToken);
        return await WithDecisionsAsync(connection, questions, cancellationToken);
    }

    /// <summary>The number of open questions.</summary>
    public async Task<int> CountOpenAsync(CancellationToken cancellationToken)
    {
        await using var connection = database.Open();
        return (int)await connection.CountAsync($"""SELECT COUNT(*) FROM "Questions" WHERE {IsOpen}""", cancellationToken);
    }

    /// <summary>The questions that are not open anymore, the latest first.</summary>
    public async Task<IReadOnlyList<QuestionHistory>> SettledAsync(int limit, CancellationToken cancellationToken)
    {
        await using var connection = database.Open();
        var questions = await connection.ReadQuestionsAsync($"""WHERE NOT ({IsOpen}) ORDER BY "AskedAt" DESC LIMIT {limit}""", cancellationToken);
        return await WithDecisionsAsync(connection, questions, cancellationToken);
    }

    /// <summary>Finds the question of a generation of an action.</summary>
    public async Task<QuestionHistory?> FindAsync(string actionId, int generation, CancellationToken cancellationToken)
    {
        await using var connection = database.Open();
        var question = await connection.ReadQuestionsAsync($"""WHERE "Id" = {StoredQuestion.KeyOf(actionId, generation)}""", cancellationToken);
        return await WithDecisionsAsync(connection, question, cancellationToken) is [var only] ? only : null;
    }

    private static async Task<IReadOnlyList<QuestionHistory>> WithDecisionsAsync(HistoryConnection connection, IReadOnlyList<StoredQuestion> questions, CancellationToken cancellationToken)
    {
        var isDecided = connection.AnyOf("QuestionId", [.. questions.Select(question => question.Id)]);
        var isAsked = connection.AnyOf("Id", [.. questions.Select(question => question.ActionId).Distinct()]);
        var decisions = (await connection.ReadDecisionsAsync($"""WHERE {isDecided} ORDER BY "At" LIMIT {MaxDecisions}""", cancellationToken)).ToLookup(decision => decision.QuestionId);
        var actions = (await connection.ReadActionsAsync($"WHERE {isAsked}", cancellationToken)).ToDictionary(action => action.Id);
        return [.. questions.Select(question => new QuestionHistory(question, [.. decisions[question.Id]], actions.GetValueOrDefault(question.ActionId)))];
    }
}

/// <summary>A question with its decisions and its action.</summary>
/// <param name="Question">The question.</param>
/// <param name="Decisions">The decisions about the question, the earliest first.</param>
/// <param name="Action">The action; null if none of its changes has arrived.</param>
public sealed record QuestionHistory(StoredQuestion Question, IReadOnlyList<StoredDecision> Decisions, StoredAction? Action);
