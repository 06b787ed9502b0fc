using System.Globalization;

namespace MLEvents.State;

/// <summary>The number of entries on a page of a list, from the query parameter <c>limit</c>.</summary>
public static class Paging
{
    /// <summary>The number of entries if the query has no <c>limit</c>.</summary>
    public const int Default = 50;

    /// <summary>The largest number of entries on a page.</summary>
    public const int Max = 200;

    /// <summary>Reads the value of the query parameter.</summary>
    /// <returns><see cref="Default"/> if the parameter is absent; null if the value is not a number from 1 to <see cref="Max"/>.</returns>
    public static int? Read(string? text) =>
        text is null ? Default
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is > 0 and <= Max ? limit
        : null;
}
