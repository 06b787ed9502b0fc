using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

using MLEvents.Tests.Common;

namespace MLEvents.Rules.Tests;

/// <summary>The rules in force after changes of their files.</summary>
public sealed class RuleSourceTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly TempFolder _folder = new();
    private readonly FakeLogger<RuleSource<AlertRule>> _logger = new();

    public RuleSourceTests() => Write("one");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_rules_are_in_force_from_the_start()
    {
        using var source = Source(TimeProvider.System);

        Assert.Equal("one", source.Current.Rules.Single().Name);
        Assert.Null(source.LastError);
    }

    [Fact]
    public void An_invalid_file_stops_the_start()
    {
        Write("'a b'");

        var error = Assert.Throws<RuleFileException>(() => Source(TimeProvider.System));

        Assert.Contains("alerts.yaml(2,11): a rule's name", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_means_no_rules_until_it_is_created()
    {
        File.Delete(Path.Combine(_folder.Path, "alerts.yaml"));
        using var source = Source(TimeProvider.System);
        source.Reload();

        Assert.Empty(source.Current.Rules);
        Assert.Null(source.LastError);
        Assert.Contains("alerts.yaml does not exist: this service has no rules", Assert.Single(_logger.Collector.GetSnapshot()).Message, StringComparison.Ordinal);

        Write("one");
        source.Reload();

        Assert.Equal("one", source.Current.Rules.Single().Name);
    }

    [Fact]
    public void The_deletion_of_an_invalid_file_that_was_created_after_the_start_clears_the_error()
    {
        var file = Path.Combine(_folder.Path, "alerts.yaml");
        File.Delete(file);
        using var source = Source(TimeProvider.System);
        Write("'a b'");
        source.Reload();
        var error = source.LastError;
        File.Delete(file);

        source.Reload();

        Assert.Contains("(2,11)", error, StringComparison.Ordinal);
        Assert.Null(source.LastError);
        Assert.Contains("alerts.yaml does not exist: this service has no rules", _logger.LatestRecord.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_file_is_healthy_and_the_health_report_names_the_file()
    {
        File.Delete(Path.Combine(_folder.Path, "alerts.yaml"));
        using var source = Source(TimeProvider.System);

        var result = await new RulesHealthCheck<AlertRule>(source, Actions(source)).CheckHealthAsync(new HealthCheckContext(), TestContext.Current.CancellationToken);

        Assert.Equal(HealthStatus.Healthy, result.Status);
        Assert.Contains("alerts.yaml does not exist", result.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_an_edit_that_adds_a_rule_about_actions_the_service_is_degraded_until_its_restart()
    {
        using var source = Source(TimeProvider.System);
        var actions = Actions(source);
        _folder.Write("alerts.yaml", "alerts:\n  - name: failed\n    when: { includedEventTypes: [ActionChanged] }\n    send: { channel: archive, forward: true }\n");

        source.Reload();
        var edited = await new RulesHealthCheck<AlertRule>(source, actions).CheckHealthAsync(new HealthCheckContext(), TestContext.Current.CancellationToken);
        var restarted = await new RulesHealthCheck<AlertRule>(source, Actions(source)).CheckHealthAsync(new HealthCheckContext(), TestContext.Current.CancellationToken);

        Assert.Equal((HealthStatus.Degraded, HealthStatus.Healthy), (edited.Status, restarted.Status));
        Assert.Contains("restart the service", edited.Description, StringComparison.Ordinal);
        Assert.StartsWith("1 rule, version ", restarted.Description, StringComparison.Ordinal);
    }

    [Fact]
    public void A_good_edit_replaces_the_rules()
    {
        using var source = Source(TimeProvider.System);
        var old = source.Current;
        Write("two");

        source.Reload();

        Assert.Equal("two", source.Current.Rules.Single().Name);
        Assert.NotEqual(old.Version, source.Current.Version);
        Assert.Equal("one", old.Rules.Single().Name);
    }

    [Fact]
    public void An_invalid_edit_keeps_the_last_valid_rules_and_is_logged_once()
    {
        using var source = Source(TimeProvider.System);
        Write("'a b'");

        source.Reload();
        source.Reload();

        Assert.Equal("one", source.Current.Rules.Single().Name);
        Assert.Contains("(2,11)", source.LastError, StringComparison.Ordinal);
        Assert.Contains("alerts.yaml(2,11): a rule's name", Assert.Single(Errors()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_repaired_file_clears_the_error()
    {
        using var source = Source(TimeProvider.System);
        Write("'a b'");
        source.Reload();
        Write("one");

        source.Reload();

        Assert.Null(source.LastError);
        Assert.Contains("valid again", _logger.LatestRecord.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_rules_stay_in_force_if_their_file_is_deleted()
    {
        using var source = Source(TimeProvider.System);
        File.Delete(Path.Combine(_folder.Path, "alerts.yaml"));

        source.Reload();

        Assert.Single(source.Current.Rules);
        Assert.Contains("the file does not exist", source.LastError, StringComparison.Ordinal);
    }

    [Fact]
    public void An_edit_of_a_template_file_changes_the_version_too()
    {
        _folder.Write("x.liquid", "a");
        _folder.Write("alerts.yaml", "alerts:\n  - name: one\n    when: {}\n    send: { channel: email, to: a@b, textFile: x.liquid }\n");
        using var source = Source(TimeProvider.System);
        var version = source.Current.Version;
        _folder.Write("x.liquid", "b");

        source.Reload();

        Assert.Matches("^[0-9a-f]{12}$", version);
        Assert.NotEqual(version, source.Current.Version);
    }

    [Fact]
    public async Task An_edit_is_noticed_by_watching()
    {
        using var source = Source(TimeProvider.System, poll: TimeSpan.FromHours(1));
        await source.StartAsync(TestContext.Current.CancellationToken);
        // The log entry with the event id 6 reports that the folder is watched.
        await WaitUntilAsync(() => _logger.Collector.GetSnapshot().Any(log => log.Id.Id == 6));
        Write("two");

        await WaitUntilAsync(() => source.Current.Rules.Single().Name == "two");

        await source.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task An_edit_is_noticed_by_polling()
    {
        var time = new FakeTimeProvider();
        using var source = Source(time, poll: TimeSpan.FromSeconds(10));
        await source.StartAsync(TestContext.Current.CancellationToken);
        Write("two");

        await WaitUntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(4));
            return source.Current.Rules.Single().Name == "two";
        });

        await source.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task An_edit_is_noticed_by_polling_if_the_process_may_not_watch_the_folder()
    {
        var time = new FakeTimeProvider();
        using var source = Source(time, poll: TimeSpan.FromSeconds(10), createWatcher: _ => throw new UnauthorizedAccessException("Operation not permitted"));
        await source.StartAsync(TestContext.Current.CancellationToken);
        Write("two");

        await WaitUntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(4));
            return source.Current.Rules.Single().Name == "two";
        });

        Assert.Contains(_logger.Collector.GetSnapshot(), log => log.Message.Contains("cannot be watched; it is read every 00:00:10", StringComparison.Ordinal));
        await source.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_failed_watch_is_logged_and_the_rules_are_read_at_once()
    {
        // The watcher watches another folder. It therefore does not report the edit of the rules.
        using var other = new TempFolder();
        using var watcher = new FailingWatcher(other.Path);
        using var source = Source(TimeProvider.System, createWatcher: _ => watcher);
        await source.StartAsync(TestContext.Current.CancellationToken);
        await WaitUntilAsync(() => watcher.EnableRaisingEvents);
        Write("two");

        watcher.Fail(new IOException("the limit of watches is reached"));

        await WaitUntilAsync(() => source.Current.Rules.Single().Name == "two");
        var failed = Assert.Single(_logger.Collector.GetSnapshot(), log => log.Message.Contains($"The watch of the folder {_folder.Path} failed; the folder is still read every 01:00:00", StringComparison.Ordinal));
        Assert.Equal("the limit of watches is reached", failed.Exception?.Message);
        await source.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_watcher_that_cannot_be_enabled_is_disposed()
    {
        // A disposed watcher cannot be enabled.
        var watcher = new FailingWatcher(_folder.Path);
        watcher.Dispose();
        using var source = Source(TimeProvider.System, createWatcher: _ => watcher);

        await Assert.ThrowsAsync<ObjectDisposedException>(() => StartAndRunAsync(source));

        Assert.Equal(2, watcher.Disposals);
    }

    [Fact]
    public async Task A_service_with_rules_starts_and_reports_its_health()
    {
        using var host = Host();
        await host.StartAsync(TestContext.Current.CancellationToken);
        var health = host.Services.GetRequiredService<HealthCheckService>();
        var source = host.Services.GetRequiredService<RuleSource<AlertRule>>();

        var good = await health.CheckHealthAsync(TestContext.Current.CancellationToken);
        Write("'a b'");
        source.Reload();
        var bad = await health.CheckHealthAsync(TestContext.Current.CancellationToken);

        Assert.Equal((HealthStatus.Healthy, HealthStatus.Degraded), (good.Status, bad.Status));
        Assert.Equal(source.Current.Version, good.Entries["AlertRules"].Data["version"]);
        Assert.Contains("(2,11)", bad.Entries["AlertRules"].Data["error"].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_with_invalid_rules_does_not_start()
    {
        Write("'a b'");
        using var host = Host();

        await Assert.ThrowsAsync<RuleFileException>(() => host.StartAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("Rules:Directory", "")]
    [InlineData("Rules:Debounce", "00:01:00")]
    [InlineData("Rules:PollInterval", "00:00:00")]
    public async Task Invalid_settings_stop_the_start(string key, string value)
    {
        using var host = Host((key, value));

        await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(TestContext.Current.CancellationToken));
    }

    private static async Task StartAndRunAsync(RuleSource<AlertRule> source)
    {
        await source.StartAsync(TestContext.Current.CancellationToken);
        await (source.ExecuteTask ?? Task.CompletedTask);
    }

    private static Task WaitUntilAsync(Func<bool> condition) => Poll.UntilAsync(condition, TestContext.Current.CancellationToken, deadline: Deadline);

    private List<FakeLogRecord> Errors() => [.. _logger.Collector.GetSnapshot().Where(log => log.Level == LogLevel.Error)];

    private void Write(string name) =>
        _folder.Write("alerts.yaml", $"alerts:\n  - name: {name}\n    when: {{}}\n    send: {{ channel: x, forward: true }}\n");

    private RuleSource<AlertRule> Source(TimeProvider time, TimeSpan? poll = null, Func<string, FileSystemWatcher>? createWatcher = null) => new(
        Options.Create(new RulesOptions { Directory = _folder.Path, Debounce = TimeSpan.FromMilliseconds(5), PollInterval = poll ?? TimeSpan.FromHours(1) }),
        time,
        _logger)
    {
        CreateWatcher = createWatcher ?? (directory => new FileSystemWatcher(directory)),
    };

    private static ActionEvents<AlertRule> Actions(RuleSource<AlertRule> source) => new(source, NullLogger<ActionEvents<AlertRule>>.Instance);

    private IHost Host(params (string Key, string Value)[] settings)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([KeyValuePair.Create<string, string?>("Rules:Directory", _folder.Path)]);
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create<string, string?>(setting.Key, setting.Value)));
        builder.Services.AddRules<AlertRule>();
        return builder.Build();
    }

    /// <summary>A watcher whose failure the test causes.</summary>
    private sealed class FailingWatcher(string folder) : FileSystemWatcher(folder)
    {
        public int Disposals { get; private set; }

        public void Fail(Exception exception) => OnError(new ErrorEventArgs(exception));

        protected override void Dispose(bool disposing)
        {
            Disposals++;
            base.Dispose(disposing);
        }
    }
}
