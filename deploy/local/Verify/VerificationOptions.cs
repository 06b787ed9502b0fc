namespace MLEvents.Local.Verify;

/// <summary>The workload of a verification run.</summary>
public enum WorkloadKind
{
    /// <summary>Events that cause mails, jobs, Data Factory runs and deployments.</summary>
    Actions,

    /// <summary>Roll-outs of two versions of each model: canaries, bad models and roll-outs with an approval, in turn.</summary>
    Rollouts,

    /// <summary>Many drift events for a rule with limits.</summary>
    Storm,
}

/// <summary>The options of a verification run.</summary>
/// <param name="Seed">Determines the events, their order and repetitions, and the schedule of faults.</param>
/// <param name="Events">The number of different events, 1 to 100000. With <see cref="WorkloadKind.Rollouts"/> the number of models, 1 to 100.</param>
/// <param name="Kills">The number of processes to kill, 0 to 1000.</param>
/// <param name="KillEvery">The mean time between two kills.</param>
/// <param name="Replicas">The number of processes that the notifier, the retrainer and the deployer have each, 1 to 3. The ingress has one process.</param>
/// <param name="Folder">The folder for data and logs. It is deleted first.</param>
/// <param name="SettleTimeout">The longest time to wait after the last fault until all actions are done.</param>
public sealed record VerificationOptions(int Seed, int Events, int Kills, TimeSpan KillEvery, int Replicas, string Folder, TimeSpan SettleTimeout)
{
    /// <summary>The workload. Default <see cref="WorkloadKind.Actions"/>.</summary>
    public WorkloadKind Kind { get; init; }

    /// <summary>The program of daprd, which runs beside each service with Redis as broker and state store. Null for the embedded sidecar, which is the default.</summary>
    public string? Daprd { get; init; }

    /// <summary>
    /// The folder of the component files for daprd. The files name a Redis at <c>localhost:6379</c>. A run replaces this address with the address of its own Redis.
    /// Default: components/redis of the repository.
    /// </summary>
    public string Components { get; init; } = Path.Combine(AppContext.BaseDirectory, "verification", "components-redis");

    /// <summary>The folder of the rules, below <c>verification</c>.</summary>
    internal string RulesFolder => Kind switch
    {
        WorkloadKind.Rollouts => "rollout-rules",
        WorkloadKind.Storm => "storm-rules",
        _ => "rules",
    };
}
