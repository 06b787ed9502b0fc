using System.Threading.Channels;

using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

using MLEvents.Rules.RuleReaders;

namespace MLEvents.Rules;

/// <summary>The rules in force. A valid edit of the files replaces all rules at once. An invalid edit leaves the last valid rules in force.</summary>
/// <typeparam name="TRule">The kind of rule.</typeparam>
public sealed partial class RuleSource<TRule> : BackgroundService
    where TRule : Rule
{
    private const int MaxDebounces = 10;

    private readonly RulesOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<RuleSource<TRule>> _logger;
    private readonly string _file;
    private State _state;
    private TaskCompletionSource _replaced = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Reads the rules.</summary>
    /// <remarks>A service whose file is missing at start has no rules until the file appears.</remarks>
    /// <exception cref="RuleFileException">The file, or a file that it names, is invalid.</exception>
    public RuleSource(IOptions<RulesOptions> options, TimeProvider time, ILogger<RuleSource<TRule>> logger)
    {
        (_options, _time, _logger) = (options.Value, time, logger);
        _file = Path.Combine(_options.Directory, RuleFormat.For<TRule>().File);
        _state = new State(File.Exists(_file) ? RuleLoader.Load<TRule>(_file) : RuleSet<TRule>.WithoutFile(_file), null);
        if (Current.IsWithoutFile)
        {
            LogNoFile(_file);
        }
        else
        {
            LogLoaded(_file, Current.Version, Current.Rules.Count);
        }
    }

    /// <summary>The last valid rules. Read the property once for each event, because the rules may be replaced at any time.</summary>
    public RuleSet<TRule> Current => Volatile.Read(ref _state).Rules;

    /// <summary>The errors in the current files, one a line; null if the rules in force are those of the current files.</summary>
    public string? LastError => Volatile.Read(ref _state).Error;

    /// <summary>Creates the watcher of a folder. Tests replace it.</summary>
    internal Func<string, FileSystemWatcher> CreateWatcher { get; init; } = directory => new FileSystemWatcher(directory);

    /// <summary>Completes when other rules come into force.</summary>
    internal Task Replaced => Volatile.Read(ref _replaced).Task;

    /// <summary>Reads the files now. If they are invalid, the rules in force stay.</summary>
    internal void Reload()
    {
        if (Current.IsWithoutFile && !File.Exists(_file))
        {
            ForgetDeletedFile();
            return;
        }

        try
        {
            Replace(RuleLoader.Load<TRule>(_file));
        }
        catch (RuleFileException exception)
        {
            ReportError(exception);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        using var watcher = TryWatch(() => changes.Writer.TryWrite(true));
        await using var poll = _time.CreateTimer(_ => changes.Writer.TryWrite(true), null, _options.PollInterval, _options.PollInterval);
        while (await changes.Reader.WaitToReadAsync(stoppingToken))
        {
            // The number of rounds is limited, so that a folder with continual changes is read too.
            for (var round = 0; round < MaxDebounces && changes.Reader.TryRead(out _); round++)
            {
                await Task.Delay(_options.Debounce, _time, stoppingToken);
            }

            Reload();
        }
    }

    // Watching only reduces the delay. Where it does not work (a network share, no inotify handles left, a container without the permission), polling finds the changes.
    private FileSystemWatcher? TryWatch(Action changed)
    {
        try
        {
            var watcher = Watch(_options.Directory, changed);
            LogWatching(_options.Directory);
            return watcher;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or PlatformNotSupportedException)
        {
            LogNotWatched(_options.Directory, _options.PollInterval, exception);
            return null;
        }
    }

    private FileSystemWatcher Watch(string directory, Action changed)
    {
        var watcher = CreateWatcher(directory);
        try
        {
            watcher.IncludeSubdirectories = true;
            watcher.Changed += (_, _) => changed();
            watcher.Created += (_, _) => changed();
            watcher.Deleted += (_, _) => changed();
            watcher.Renamed += (_, _) => changed();
            watcher.Error += (_, error) =>
            {
                // Changes may have been lost, so the files are read. On Linux, a watch that the limit of inotify refuses can be reported here instead of by an exception.
                LogWatchFailed(directory, _options.PollInterval, error.GetException());
                changed();
            };
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch
        {
            watcher.Dispose();
            throw;
        }
    }

    private void Replace(RuleSet<TRule> rules)
    {
        var isOther = rules.Version != Current.Version;
        if (isOther)
        {
            LogReloaded(_file, rules.Version, rules.Rules.Count, Current.Version);
        }
        else if (LastError is not null)
        {
            LogRestored(_file, rules.Version);
        }

        Volatile.Write(ref _state, new State(rules, null));
        if (isOther)
        {
            Interlocked.Exchange(ref _replaced, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        }
    }

    // The file was missing at the start and can be invalid when it appears. If such a file is deleted, its error no longer applies.
    private void ForgetDeletedFile()
    {
        if (LastError is not null)
        {
            Volatile.Write(ref _state, new State(Current, null));
            LogNoFile(_file);
        }
    }

    private void ReportError(RuleFileException exception)
    {
        if (exception.Message == LastError)
        {
            return;
        }

        foreach (var error in exception.Errors)
        {
            LogBroken(error, Current.Version);
        }

        Volatile.Write(ref _state, new State(Current, exception.Message));
    }

    [LoggerMessage(1, LogLevel.Information, "Rules of {File} loaded: version {Version}, {Count} rules")]
    private partial void LogLoaded(string file, string version, int count);

    [LoggerMessage(2, LogLevel.Information, "Rules of {File} replaced: version {Version}, {Count} rules, instead of version {OldVersion}")]
    private partial void LogReloaded(string file, string version, int count, string oldVersion);

    [LoggerMessage(3, LogLevel.Information, "{File} is valid again and has the same rules: version {Version} stays in force")]
    private partial void LogRestored(string file, string version);

    [LoggerMessage(4, LogLevel.Error, "{Error} (version {Version} of the rules stays in force)")]
    private partial void LogBroken(RuleError error, string version);

    [LoggerMessage(5, LogLevel.Warning, "The folder {Directory} cannot be watched; it is read every {PollInterval}")]
    private partial void LogNotWatched(string directory, TimeSpan pollInterval, Exception exception);

    [LoggerMessage(6, LogLevel.Debug, "Watching {Directory}")]
    private partial void LogWatching(string directory);

    [LoggerMessage(7, LogLevel.Warning, "{File} does not exist: this service has no rules until the file is created")]
    private partial void LogNoFile(string file);

    [LoggerMessage(8, LogLevel.Warning, "The watch of the folder {Directory} failed; the folder is still read every {PollInterval}")]
    private partial void LogWatchFailed(string directory, TimeSpan pollInterval, Exception exception);

    /// <summary>The rules and the error, replaced together so that no reader sees one without the other.</summary>
    private sealed record State(RuleSet<TRule> Rules, string? Error);
}
