using MLEvents.Events;

namespace MLEvents.Dashboard.History;

/// <summary>Reads the deployer's actions for the pages about models.</summary>
internal sealed class RolloutQueries(HistoryDatabase database)
{
    /// <summary>The service that rolls models out and back.</summary>
    public const string Deployer = "deployer";

    /// <summary>The rule name of roll-backs that operators request.</summary>
    private const string RollbackRule = "rollback";

    /// <summary>The deployer's actions for a model, the latest change first: actions that the model's events caused, and roll-outs that operators requested.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="eventKeys">The keys of the events about the model.</param>
    /// <param name="limit">The largest number of actions.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public async Task<IReadOnlyList<StoredAction>> RolloutsAsync(string model, IReadOnlyList<string> eventKeys, int limit, CancellationToken cancellationToken)
    {
        await using var connection = database.Open();
        var (isAbout, isRequested) = (connection.AnyOf("EventKey", eventKeys), Sql.StartsWith("EventSubject", $"models/{model}:"));
        return await connection.ReadActionsAsync(
            $"""
             WHERE "Service" = {Deployer} AND ({isAbout} OR ("EventType" = {EventTypes.RolloutRequested} AND {isRequested}))
             ORDER BY "UpdatedAt" DESC LIMIT {limit}
             """,
            cancellationToken);
    }

    /// <summary>The roll-backs of endpoints that operators requested, the latest change first.</summary>
    public async Task<IReadOnlyList<StoredAction>> RollbacksAsync(IReadOnlyList<string> endpoints, int limit, CancellationToken cancellationToken)
    {
        await using var connection = database.Open();
        var isOfEndpoints = connection.AnyOf("EventSubject", [.. endpoints.Select(endpoint => $"endpoints/{endpoint}")]);
        return await connection.ReadActionsAsync(
            $"""
             WHERE "Service" = {Deployer} AND "Rule" = {RollbackRule} AND "EventType" = {EventTypes.RollbackRequested} AND {isOfEndpoints}
             ORDER BY "UpdatedAt" DESC LIMIT {limit}
             """,
            cancellationToken);
    }

    /// <summary>The stages that each of the actions has been in.</summary>
    public async Task<ILookup<string, string>> StagesAsync(IReadOnlyList<string> actionIds, CancellationToken cancellationToken)
    {
        await using var connection = database.Open();
        var stages = await connection.QueryAsync(
            $"""SELECT DISTINCT "ActionId", "Stage" FROM "Changes" WHERE {connection.AnyOf("ActionId", actionIds)}""",
            row => (ActionId: row.GetString(0), Stage: row.GetString(1)),
            cancellationToken);
        return stages.ToLookup(change => change.ActionId, change => change.Stage);
    }
}
