using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace MLEvents.Cli.Operating;

/// <summary>The options that select actions.</summary>
internal sealed class ActionFilterOptions
{
    private const string TimeHelp = "a time such as 2026-11-01T12:00:00Z, or a time span before now such as 30m, 6h or 7d";

    // Longer time spans are shortened to this length, so that none of them begins before the year 1.
    private static readonly TimeSpan MaxAge = TimeSpan.FromDays(100_000);

    public ActionFilterOptions(params string[] statuses)
    {
        Status = new("--status") { Description = "Only actions with this status." };
        Status.AcceptOnlyFromAmong(statuses);
        foreach (var time in new[] { Since, Until })
        {
            time.Validators.Add(result => Validate(time.Name, result));
        }
    }

    public Option<string?> Status { get; }

    public Option<string?> Rule { get; } = new("--rule") { Description = "Only actions of this rule." };

    public Option<string?> Correlation { get; } = new("--correlation") { Description = "Only actions of the chain with this correlation id." };

    public Option<string?> Since { get; } = new("--since") { Description = $"Only actions whose last change is at or after this time. The value is {TimeHelp}." };

    public Option<string?> Until { get; } = new("--until") { Description = $"Only actions whose last change is before this time. The value is {TimeHelp}." };

    public Option<string?> Error { get; } = new("--error") { Description = "Only actions whose detail contains this text, ignoring case." };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in new[] { Status, Rule, Correlation, Since, Until, Error })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Whether at least one of the options is set.</summary>
    public bool IsAnySet(ParseResult parsed) => new[] { Status, Rule, Correlation, Since, Until, Error }.Any(option => parsed.GetValue(option) is not null);

    /// <summary>The query string of a request for a list of actions.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="now">The current time, for time spans such as <c>6h</c>.</param>
    /// <param name="until">The end of the time range if <c>--until</c> is not set; null for no end.</param>
    public string Query(ParseResult parsed, DateTimeOffset now, DateTimeOffset? until = null)
    {
        var parts = new (string Name, string? Value)[]
        {
            ("status", parsed.GetValue(Status)), ("rule", parsed.GetValue(Rule)), ("correlation", parsed.GetValue(Correlation)), ("since", Text(Read(parsed.GetValue(Since), now))),
            ("until", Text(Read(parsed.GetValue(Until), now) ?? until)), ("error", parsed.GetValue(Error)),
        };
        return string.Join('&', parts.Where(part => part.Value is not null).Select(part => $"{part.Name}={Uri.EscapeDataString(part.Value ?? "")}"));
    }

    /// <summary>Formats a time for a query string.</summary>
    public static string? Text(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static DateTimeOffset? Read(string? text, DateTimeOffset now) =>
        text is null ? null
        : Age(text) is { } age ? now - age
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time
        : null;

    private static TimeSpan? Age(string text)
    {
        if (text.Length < 2 || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return null;
        }

        TimeSpan? unit = text[^1] switch { 'm' => TimeSpan.FromMinutes(1), 'h' => TimeSpan.FromHours(1), 'd' => TimeSpan.FromDays(1), _ => null };
        return number > MaxAge / unit ? MaxAge : number * unit;
    }

    private static void Validate(string name, OptionResult result)
    {
        if (result.Tokens is [var token] && Read(token.Value, TimeProvider.System.GetUtcNow()) is null)
        {
            result.AddError($"{name} must be {TimeHelp}, not '{token.Value}'.");
        }
    }
}
