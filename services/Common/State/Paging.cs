using System.Globalization;

namespace MLEvents.State;

/// <summary>How many entries a page of a list holds, as the query <c>limit</c> asks.</summary>
public static class Paging
{
    /// <summary>Entries of a page when none is asked for.</summary>
    public const int Default = 50;

    /// <summary>Most entries of a page.</summary>
    public const int Most = 200;

    /// <summary>Reads the query's value.</summary>
    /// <returns>Null if it is no number from 1 to <see cref="Most"/>.</returns>
    public static int? Read(string? text) =>
        text is null ? Default
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is > 0 and <= Most ? limit
        : null;
}
