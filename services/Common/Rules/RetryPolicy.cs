namespace MLEvents.Rules;

/// <summary>When a run that ended badly is started again.</summary>
/// <param name="Attempts">How many runs an action starts at most, the first included, 2 to 10.</param>
/// <param name="On">The ends after which another run is started: Failed, Canceled, NotResponding, TimedOut.</param>
/// <param name="Wait">How long the next run waits.</param>
/// <param name="FromFailure">Data Factory: whether a further run continues the failed one from its failed activity, also when an operator retries the action.</param>
public sealed record RetryPolicy(int Attempts, IReadOnlyList<string> On, TimeSpan Wait, bool FromFailure = false);
