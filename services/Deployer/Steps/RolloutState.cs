using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

using MLEvents.Deployer.Traffic;
using MLEvents.Events;
using MLEvents.Ledger;

namespace MLEvents.Deployer.Steps;

/// <summary>The values that the steps of a roll-out with a strategy store for each other in the action's record.</summary>
internal static class RolloutState
{
    private const string FirstInQueueKey = "turnSince";
    private const string TrafficKey = "trafficBefore";
    private const string LevelKey = "rung";
    private const string SinceKey = "since";
    private const string TriesKey = "tries";
    private const string CheckKey = "verified";
    private const string VerificationKey = "verification";
    private const string ReasonKey = "reason";
    private const string EndingKey = "ending";

    /// <summary>The number of checks of the verification that have passed.</summary>
    public static int PassedChecks(this ActionRecord record) => Number(record, CheckKey);

    /// <summary>The result of the verification, for people; null before the verification has passed.</summary>
    public static string? Verification(this ActionRecord record) => record.State.GetValueOrDefault(VerificationKey);

    /// <summary>The number of attempts of the current update, restore or check so far.</summary>
    public static int Tries(this ActionRecord record) => Number(record, TriesKey);

    /// <summary>The index of the current step of the traffic.</summary>
    public static int LevelIndex(this ActionRecord record) => Number(record, LevelKey);

    /// <summary>When the current change of the traffic, bake time, restore, removal or retirement began.</summary>
    public static DateTimeOffset Since(this ActionRecord record) => Time(record, SinceKey);

    /// <summary>When the roll-out began to work on the endpoint. While the roll-out waits in the queue, this is the start of the action.</summary>
    public static DateTimeOffset FirstInQueueSince(this ActionRecord record) => Time(record, FirstInQueueKey);

    /// <summary>Whether the roll-out has begun to work on the endpoint.</summary>
    public static bool IsFirstInQueue(this ActionRecord record) => record.State.ContainsKey(FirstInQueueKey);

    /// <summary>The reason why the roll-out ends.</summary>
    public static string Reason(this ActionRecord record) => record.State.GetValueOrDefault(ReasonKey, "");

    /// <summary>Whether the roll-out ends as skipped because a newer version or a roll-back superseded it.</summary>
    public static bool IsSuperseded(this ActionRecord record) => record.State.GetValueOrDefault(EndingKey) == nameof(Skipped);

    /// <summary>The traffic before the first step; null if it is not recorded yet.</summary>
    public static IReadOnlyDictionary<string, int>? TrafficBefore(this ActionRecord record) =>
        record.State.TryGetValue(TrafficKey, out var json) ? JsonSerializer.Deserialize(json, RolloutStateJson.Default.DictionaryStringInt32) : null;

    /// <summary>Whether the endpoint had no traffic before the roll-out, so that only the new deployment can answer requests.</summary>
    public static bool IsAlone(this ActionRecord record) => record.TrafficBefore() is { Count: 0 };

    /// <summary>The steps of the traffic.</summary>
    /// <exception cref="InvalidOperationException">The traffic before the first step is not recorded.</exception>
    public static IReadOnlyList<TrafficLevel> TrafficLevels(this ActionRecord record, RolloutPlan plan) =>
        plan.Strategy is { } strategy && record.TrafficBefore() is { } before
            ? TrafficSchedule.Create(strategy, before, plan.Deployment)
            : throw new InvalidOperationException($"Action {record.Id} has no recorded traffic.");

    public static Dictionary<string, string> FirstInQueue(DateTimeOffset now) => new() { [FirstInQueueKey] = Text(now) };

    public static Dictionary<string, string> Check(int passed) => new() { [CheckKey] = Text(passed), [TriesKey] = "0" };

    public static Dictionary<string, string> Verified(string result) => new() { [VerificationKey] = result };

    public static Dictionary<string, string> Try(int tries) => new() { [TriesKey] = Text(tries) };

    public static Dictionary<string, string> Traffic(IReadOnlyDictionary<string, int> before) => new()
    {
        [TrafficKey] = JsonSerializer.Serialize(TrafficShares.NonZero(before), RolloutStateJson.Default.DictionaryStringInt32),
    };

    public static Dictionary<string, string> Move(int level, DateTimeOffset now) => new() { [LevelKey] = Text(level), [SinceKey] = Text(now), [TriesKey] = "0" };

    public static Dictionary<string, string> Began(DateTimeOffset now) => new() { [SinceKey] = Text(now), [TriesKey] = "0" };

    public static Dictionary<string, string> End(string reason, bool isSuperseded, DateTimeOffset now) => new()
    {
        // The reason may quote the log of a container. Operators see the state of an action, so secrets are removed.
        [ReasonKey] = Redaction.Bound(reason) ?? "",
        [EndingKey] = isSuperseded ? nameof(Skipped) : nameof(Failed),
        [SinceKey] = Text(now),
        [TriesKey] = "0",
    };

    private static int Number(ActionRecord record, string key) =>
        record.State.TryGetValue(key, out var text) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static DateTimeOffset Time(ActionRecord record, string key) =>
        record.State.TryGetValue(key, out var text) ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind) : record.BegunAt;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(DateTimeOffset time) => time.ToString("O", CultureInfo.InvariantCulture);
}

[JsonSerializable(typeof(Dictionary<string, int>))]
internal sealed partial class RolloutStateJson : JsonSerializerContext;
