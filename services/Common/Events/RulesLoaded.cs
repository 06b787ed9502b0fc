namespace MLEvents.Events;

/// <summary>A version of a service's rules came into force: the data of an event on <see cref="Topics.WorkflowActivity"/>. With these events, past decisions can be explained.</summary>
/// <param name="Service">The service that uses the rules, for instance <c>notifier</c>.</param>
/// <param name="Version">The version of the rules, as in <see cref="ActionChanged.RuleVersion"/>.</param>
/// <param name="Files">The text of each file by its path in the rules folder: the rule file and all files that it names.</param>
public sealed record RulesLoaded(string Service, string Version, IReadOnlyDictionary<string, string> Files);

/// <summary>Publishes that rules came into force.</summary>
public interface IRulesLoadedPublisher
{
    /// <summary>Publishes that a version of the rules came into force.</summary>
    /// <param name="version">The version of the rules.</param>
    /// <param name="files">The text of each file by its path.</param>
    /// <param name="loadedAt">When the rules came into force. The id of the event is derived from this time, so a repetition has the same id.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task PublishAsync(string version, IReadOnlyDictionary<string, string> files, DateTimeOffset loadedAt, CancellationToken cancellationToken);
}
