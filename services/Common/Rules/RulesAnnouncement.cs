using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

using MLEvents.Events;

namespace MLEvents.Rules;

/// <summary>
/// Publishes each version of the rules that comes into force, with its files. A failed publication is repeated until the broker accepts the version, or until
/// other rules come into force. Actions do not wait for the publication.
/// </summary>
internal sealed partial class RulesAnnouncement<TRule>(RuleSource<TRule> source, IEnumerable<IRulesLoadedPublisher> publishers, TimeProvider time, ILogger<RulesAnnouncement<TRule>> logger) : BackgroundService
    where TRule : Rule
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxRetryInterval = TimeSpan.FromMinutes(1);

    // The rules in force are published again after this time, for subscribers that were added later. A repetition has the same event id.
    private static readonly TimeSpan Repeat = TimeSpan.FromHours(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (publishers.FirstOrDefault() is not { } publisher)
        {
            return;
        }

        for (var (version, loadedAt) = ("", time.GetUtcNow()); ;)
        {
            var replaced = source.Replaced;
            if (source.Current is { IsWithoutFile: false } rules)
            {
                (version, loadedAt) = rules.Version == version ? (version, loadedAt) : (rules.Version, time.GetUtcNow());
                await PublishAsync(publisher, rules, loadedAt, stoppingToken);
            }

            await WaitAsync(replaced, stoppingToken);
        }
    }

    private async Task WaitAsync(Task replaced, CancellationToken cancellationToken)
    {
        try
        {
            await replaced.WaitAsync(Repeat, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            LogRepeated(Repeat);
        }
    }

    private async Task PublishAsync(IRulesLoadedPublisher publisher, RuleSet<TRule> rules, DateTimeOffset loadedAt, CancellationToken cancellationToken)
    {
        for (var delay = FirstRetry; source.Current.Version == rules.Version; delay = delay * 2 < MaxRetryInterval ? delay * 2 : MaxRetryInterval)
        {
            try
            {
                await publisher.PublishAsync(rules.Version, rules.Files, loadedAt, cancellationToken);
                return;
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                LogNotPublished(rules.Version, delay, exception.Message);
                await Task.Delay(delay, time, cancellationToken);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Version {Version} of the rules could not be published; next attempt in {Delay}: {Reason}")]
    private partial void LogNotPublished(string version, TimeSpan delay, string reason);

    [LoggerMessage(2, LogLevel.Debug, "The rules did not change for {Interval}; they are published again")]
    private partial void LogRepeated(TimeSpan interval);
}
