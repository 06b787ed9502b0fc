namespace MLEvents.Rules;

/// <summary>The policy for restarting a run that ended without success.</summary>
/// <param name="Attempts">The largest number of runs of an action, including the first, 2 to 10.</param>
/// <param name="On">The statuses after which another run is started: Failed, Canceled, NotResponding, TimedOut.</param>
/// <param name="Wait">The wait before the next run.</param>
/// <param name="FromFailure">
/// Only for Data Factory: whether the next run continues the failed run from its failed activity. This also applies to a run that an operator's retry starts.
/// </param>
public sealed record RetryPolicy(int Attempts, IReadOnlyList<string> On, TimeSpan Wait, bool FromFailure = false);
