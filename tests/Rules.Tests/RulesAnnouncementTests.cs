using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

using MLEvents.Events;
using MLEvents.Tests.Common;

namespace MLEvents.Rules.Tests;

public sealed class RulesAnnouncementTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_call_that_is_cancelled_although_the_service_does_not_stop_is_repeated()
    {
        _folder.Write("alerts.yaml", "alerts: []\n");
        using var source = new RuleSource<AlertRule>(Options.Create(new RulesOptions { Directory = _folder.Path }), TimeProvider.System, NullLogger<RuleSource<AlertRule>>.Instance);
        var (publisher, time) = (new CancelledOnce(), new FakeTimeProvider());
        using var announcement = new RulesAnnouncement<AlertRule>(source, [publisher], time, NullLogger<RulesAnnouncement<AlertRule>>.Instance);

        await announcement.StartAsync(Token);
        await Poll.UntilAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return publisher.Versions.Count == 2;
            },
            Token);

        Assert.Equal([source.Current.Version, source.Current.Version], publisher.Versions);
        await announcement.StopAsync(Token);
    }

    /// <summary>Cancels the first call, as a deadline of the channel does.</summary>
    private sealed class CancelledOnce : IRulesLoadedPublisher
    {
        private readonly ObservedItems<string> _versions = new();

        public IReadOnlyList<string> Versions => _versions.All;

        public Task PublishAsync(string version, IReadOnlyDictionary<string, string> files, DateTimeOffset loadedAt, CancellationToken cancellationToken)
        {
            _versions.Add(version);
            return Versions.Count == 1 ? Task.FromException(new OperationCanceledException()) : Task.CompletedTask;
        }
    }
}
