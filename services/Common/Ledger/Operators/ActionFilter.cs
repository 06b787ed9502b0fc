using System.Globalization;

namespace MLEvents.Ledger.Operators;

/// <summary>Selects the actions of a list. Every condition that is set must hold.</summary>
internal sealed record ActionFilter
{
    /// <summary>The status.</summary>
    public string? Status { get; init; }

    /// <summary>The rule.</summary>
    public string? Rule { get; init; }

    /// <summary>The chain.</summary>
    public string? Correlation { get; init; }

    /// <summary>Selects actions whose last change was at this time or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Selects actions whose last change was before this time.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>The string that the detail contains, in any letter case.</summary>
    public string? Error { get; init; }

    /// <summary>Reads a time from a query. A time without an offset is read as UTC.</summary>
    /// <returns>False if the text cannot be read as a time. True if it can, or if there is no text.</returns>
    public static bool TryReadTime(string? text, out DateTimeOffset? time)
    {
        time = DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var read) ? read : null;
        return text is null || time is not null;
    }

    /// <summary>Whether an action meets all conditions.</summary>
    public bool Matches(ActionRecord record) =>
        (Status ?? record.StatusName) == record.StatusName
        && (Rule ?? record.Rule) == record.Rule
        && (Correlation ?? record.CorrelationId) == record.CorrelationId
        && !(record.UpdatedAt < Since)
        && !(record.UpdatedAt >= Until)
        && (Error is null || record.Detail?.Contains(Error, StringComparison.OrdinalIgnoreCase) == true);
}
