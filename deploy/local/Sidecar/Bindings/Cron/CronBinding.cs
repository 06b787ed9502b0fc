using System.Globalization;
using MLEvents.Local.Sidecar.Components;

namespace MLEvents.Local.Sidecar.Bindings.Cron;

/// <summary>Component type <c>bindings.cron</c>: calls the app on a schedule. What falls due while the app still handles the call before is left out.</summary>
internal sealed partial class CronBinding : IInputBinding
{
    // A timer can't wait longer than 49 days.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly TimeProvider _time;
    private readonly CronSchedule _schedule;
    private readonly ILogger _logger;
    private readonly string _name;

    public CronBinding(ComponentContext context)
    {
        var spec = context.Spec;
        _time = context.Time;
        _logger = context.Loggers.CreateLogger<CronBinding>();
        _name = spec.Name;
        _schedule = ReadSchedule(spec, _time.LocalTimeZone);
        IsInput = BindingDirection.AllowsInput(spec);
        IsDemanded = BindingDirection.DemandsInput(spec);
        Route = "/" + (spec.Setting("route") ?? spec.Name).TrimStart('/');
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Capabilities => IsInput ? ["INPUT_BINDING"] : [];

    /// <inheritdoc/>
    public bool IsInput { get; }

    /// <inheritdoc/>
    public bool IsDemanded { get; }

    /// <inheritdoc/>
    public string Route { get; }

    /// <inheritdoc/>
    public Task InitializeAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task RunAsync(Func<BindingMessage, CancellationToken, Task> onMessage, CancellationToken cancellationToken)
    {
        var previous = _time.GetUtcNow();
        while (_schedule.Next(previous) is { } due)
        {
            await WaitUntilAsync(due, cancellationToken);
            await FireAsync(onMessage, cancellationToken);
            previous = _schedule.LastUntil(_time.GetUtcNow(), due);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static CronSchedule ReadSchedule(ComponentSpec spec, TimeZoneInfo zone)
    {
        var text = spec.RequiredSetting("schedule");
        try
        {
            return CronSchedule.Parse(text, zone);
        }
        catch (FormatException exception)
        {
            throw new ResourceException(spec.Source, $"component '{spec.Name}': 'schedule: {text}' is no cron expression: {exception.Message}");
        }
    }

    private static Dictionary<string, string> Metadata(DateTimeOffset now) => new()
    {
        ["readTimeUTC"] = now.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fffffff '+0000 UTC'", CultureInfo.InvariantCulture),
        ["timeZone"] = "Local",
    };

    private async Task FireAsync(Func<BindingMessage, CancellationToken, Task> onMessage, CancellationToken cancellationToken)
    {
        try
        {
            await onMessage(new BindingMessage(ReadOnlyMemory<byte>.Empty, Metadata(_time.GetUtcNow())), cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // A clock has nothing to repeat: the policies have done so, and the next time comes anyway.
            LogRefused(exception, _name);
        }
    }

    private async Task WaitUntilAsync(DateTimeOffset due, CancellationToken cancellationToken)
    {
        while (due - _time.GetUtcNow() is var wait && wait > TimeSpan.Zero)
        {
            await Task.Delay(wait < LongestWait ? wait : LongestWait, _time, cancellationToken);
        }
    }

    [LoggerMessage(1, LogLevel.Error, "The app did not take a call of cron binding {Name}")]
    private partial void LogRefused(Exception exception, string name);
}
