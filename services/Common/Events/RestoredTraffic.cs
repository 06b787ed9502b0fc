namespace MLEvents.Events;

/// <summary>The detail text of a roll-out after the deployer has restored the endpoint's traffic. The deployer writes the text, and the dashboard recognizes it in the activity.</summary>
public static class RestoredTraffic
{
    private const string Begin = "Azure confirmed that the traffic of ";
    private const string AsBefore = " is as before: ";

    /// <summary>Writes the detail.</summary>
    /// <param name="endpoint">The name of the endpoint.</param>
    /// <param name="traffic">The traffic, for people.</param>
    public static string Describe(string endpoint, string traffic) => $"{Begin}{endpoint}{AsBefore}{traffic}.";

    /// <summary>Whether a detail begins with the text of <see cref="Describe"/>.</summary>
    /// <param name="detail">The detail; null if there is none.</param>
    public static bool IsIn(string? detail) =>
        detail?.StartsWith(Begin, StringComparison.Ordinal) == true && detail.Contains(AsBefore, StringComparison.Ordinal);
}
