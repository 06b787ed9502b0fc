using System.Globalization;

namespace MLEvents.Local.Verify.Rollouts;

/// <summary>What happens in the roll-out of a model's second version.</summary>
internal enum RolloutKind
{
    /// <summary>The version passes every step of the traffic.</summary>
    Canary,

    /// <summary>The version passes its verification, and fails requests when it has at least half of the traffic.</summary>
    BadModel,

    /// <summary>The version waits for an approval before it gets traffic, and is approved.</summary>
    Approval,
}

/// <summary>A model with its own endpoint. Its two versions are rolled out one after the other.</summary>
/// <param name="Kind">What happens in the roll-out of the second version.</param>
/// <param name="Number">The number of the model, unique within a run.</param>
internal sealed record RolloutCase(RolloutKind Kind, int Number)
{
    /// <summary>The versions, in the order of their registration.</summary>
    public static IReadOnlyList<int> Versions { get; } = [1, 2];

    /// <summary>The name of the model and of its endpoint. The rules select the model by the prefix.</summary>
    public string Model => string.Create(CultureInfo.InvariantCulture, $"{Prefix}-{Number}");

    /// <summary>The rule that rolls the model out.</summary>
    public string Rule => Kind == RolloutKind.Approval ? "approval" : "canary";

    /// <summary>The expected traffic of the endpoint after each change.</summary>
    public IReadOnlyList<string> Traffic => Kind switch
    {
        RolloutKind.Canary => ["1 100%", "1 90%, 2 10%", "1 50%, 2 50%", "2 100%"],
        RolloutKind.BadModel => ["1 100%", "1 90%, 2 10%", "1 50%, 2 50%", "1 100%"],
        _ => ["1 100%", "2 100%"],
    };

    /// <summary>The version whose deployment the rule deletes; null if the rule deletes no deployment.</summary>
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
