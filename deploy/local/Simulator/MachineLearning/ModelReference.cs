using System.Text.RegularExpressions;

namespace MLEvents.Local.Simulator.MachineLearning;

/// <summary>Names a model version, read from an ARM id or from <c>azureml:name:version</c>.</summary>
internal sealed partial record ModelReference(string Name, string Version)
{
    /// <summary>Parses a reference; null when the text is not a reference.</summary>
    public static ModelReference? Parse(string? text) =>
        text is not null && Pattern().Match(text) is { Success: true } match ? new(match.Groups["name"].Value, match.Groups["version"].Value) : null;

    /// <inheritdoc/>
    public override string ToString() => $"{Name}:{Version}";

    [GeneratedRegex(@"(?:/models/(?<name>[^/:]+)/versions/|^azureml:(?<name>[^/:]+):)(?<version>[^/:]+)$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Pattern();
}
