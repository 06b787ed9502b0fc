using System.Globalization;

namespace MLEvents.Local.Verify.Rollouts;

/// <summary>How the second version of a model fares.</summary>
internal enum RolloutKind
{
    /// <summary>It passes every step of the traffic.</summary>
    Canary,

    /// <summary>It passes its verification, and fails requests from half of the traffic on.</summary>
    BadModel,

    /// <summary>It waits for an approval before it gets traffic, and is approved.</summary>
    Approval,
}

/// <summary>A model with an endpoint of its own, whose two versions are rolled out one after the other, and what the rules make of it.</summary>
/// <param name="Kind">How the second version fares.</param>
/// <param name="Number">Tells the models of a kind apart.</param>
internal sealed record RolloutCase(RolloutKind Kind, int Number)
{
    /// <summary>The versions, in the order of their registration.</summary>
    public static IReadOnlyList<int> Versions { get; } = [1, 2];

    /// <summary>The name of the model and of its endpoint. The rules choose by its prefix.</summary>
    public string Model => string.Create(CultureInfo.InvariantCulture, $"{Prefix}-{Number}");

    /// <summary>The rule that rolls the model out.</summary>
    public string Rule => Kind == RolloutKind.Approval ? "approval" : "canary";

    /// <summary>The traffic of the endpoint, each time it changes.</summary>
    public IReadOnlyList<string> Traffic => Kind switch
    {
        RolloutKind.Canary => ["1 100%", "1 90%, 2 10%", "1 50%, 2 50%", "2 100%"],
        RolloutKind.BadModel => ["1 100%", "1 90%, 2 10%", "1 50%, 2 50%", "1 100%"],
        _ => ["1 100%", "2 100%"],
    };

    /// <summary>The version whose deployment the rule deletes; null if it deletes none.</summary>
    public int? Deleted => Kind switch
    {
        RolloutKind.Canary => 1,
        RolloutKind.BadModel => 2,
        _ => null,
    };

    private string Prefix => Kind switch
    {
        RolloutKind.Canary => "canary",
        RolloutKind.BadModel => "bad-model",
        _ => "approval",
    };

    /// <summary>Creates cases of all kinds in turn.</summary>
    public static IReadOnlyList<RolloutCase> Create(int count)
    {
        var kinds = Enum.GetValues<RolloutKind>();
        return [.. Enumerable.Range(0, count).Select(number => new RolloutCase(kinds[number % kinds.Length], number))];
    }

    /// <summary>The status with which the action of a version ends.</summary>
    public string StatusOf(int version) => Kind == RolloutKind.BadModel && version == 2 ? "failed" : "succeeded";
}
