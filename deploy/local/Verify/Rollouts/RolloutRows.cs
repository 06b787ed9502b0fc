namespace MLEvents.Local.Verify.Rollouts;

/// <summary>The rows of roll-outs: the expected and the actual counts.</summary>
internal static class RolloutRows
{
    /// <summary>Creates the rows.</summary>
    /// <param name="outcomes">The outcomes of the cases.</param>
    public static IReadOnlyList<VerificationRow> Create(IReadOnlyList<RolloutOutcome> outcomes) =>
    [
        new("roll-outs", outcomes.Count * RolloutCase.Versions.Count, outcomes.Sum(one => one.Ended), 0, 0),
        new("traffic steps", outcomes.Sum(one => one.Case.Traffic.Count), outcomes.Sum(Steps), outcomes.Sum(one => one.History.Traffic.Count - Steps(one)), 0),
        new("traffic at the end", outcomes.Count, outcomes.Count(one => one.History.Traffic is [.., var last] && last == one.Case.Traffic[^1]), 0, 0),
        new("deployments created", outcomes.Count * RolloutCase.Versions.Count, outcomes.Sum(Created), outcomes.Sum(one => one.History.Created.Count - Created(one)), 0),
        new("deployments deleted", outcomes.Count(one => one.Case.Deleted is not null), outcomes.Sum(Deleted), outcomes.Sum(one => one.History.Deleted.Count - Deleted(one)), 0),
        new("deleted with traffic", 0, outcomes.Sum(one => one.History.DeletedWithTraffic), 0, 0),
    ];

    private static int Steps(RolloutOutcome outcome) => outcome.History.CountInOrder(outcome.Case.Traffic);

    private static int Created(RolloutOutcome outcome) => RolloutCase.Versions.Intersect(outcome.History.Created).Count();

    private static int Deleted(RolloutOutcome outcome) => outcome.Case.Deleted is { } version && outcome.History.Deleted.Contains(version) ? 1 : 0;
}

/// <summary>The outcome of a case.</summary>
/// <param name="Case">The case.</param>
/// <param name="Actions">The action of each version as it was last read, in the order of the versions. Its status is empty if the deployer did not have the action.</param>
/// <param name="History">The changes of the endpoint.</param>
internal sealed record RolloutOutcome(RolloutCase Case, IReadOnlyList<RolloutAction> Actions, RolloutHistory History)
{
    /// <summary>The number of actions that ended with the expected status.</summary>
    public int Ended => Actions.Zip(RolloutCase.Versions).Count(one => one.First.Status == Case.StatusOf(one.Second));

    /// <summary>Whether all counts are as expected.</summary>
    public bool Passed => RolloutRows.Create([this]).All(row => row.Passed);

    /// <summary>Describes the outcome for people.</summary>
    public string Describe() =>
        $"{Case.Model}: traffic {string.Join(" → ", History.Traffic)}; created {string.Join(", ", History.Created)}; deleted {string.Join(", ", History.Deleted)}; "
        + string.Join("; ", Actions.Select(action => $"{action.Id} {action.Status} {action.Stage}: {action.Detail}"));
}

/// <summary>The action of one version.</summary>
/// <param name="Id">The id.</param>
/// <param name="Status">The status.</param>
/// <param name="Stage">The stage.</param>
/// <param name="Detail">The detail.</param>
internal sealed record RolloutAction(string Id, string Status, string Stage, string Detail)
{
    /// <summary>Whether the action has ended.</summary>
    public bool IsEnded => Status is "succeeded" or "failed" or "skipped";
}
