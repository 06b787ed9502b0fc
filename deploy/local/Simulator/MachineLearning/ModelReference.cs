using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.MachineLearning;

/// <summary>Names a model version, read from an ARM id, from <c>azureml:name:version</c> or from <c>azureml://registries/…</c>.</summary>
internal sealed partial record ModelReference(string Name, string Version)
{
    /// <summary>The registry that <c>azureml://registries/…</c> or an ARM id names; null for every other form.</summary>
    public string? Registry { get; init; }

    /// <summary>Parses a reference; null when the text is not a reference.</summary>
    public static ModelReference? Parse(string? text) =>
        text is not null && Pattern().Match(text) is { Success: true } match
            ? new(match.Groups["name"].Value, match.Groups["version"].Value) { Registry = match.Groups["registry"] is { Success: true, Value: var registry } ? registry : null }
            : null;

    /// <summary>The ARM id of the version: in its registry, or in the workspace of a deployment.</summary>
    /// <param name="deployment">The deployment's ARM id.</param>
    public string IdFor(string deployment)
    {
        var workspace = deployment.Split("/onlineEndpoints/")[0];
        var container = Registry is null ? workspace : $"{workspace.Split("/workspaces/")[0]}/registries/{Registry}";
        return $"{container}/models/{Name}/versions/{Version}";
    }

    /// <summary>The model of a deployment, as <c>name:version</c>; null if the deployment names no model version.</summary>
    public static string? OfDeployment(JsonNode? deployment) => Parse(deployment.Text("properties", "model"))?.ToString();

    /// <inheritdoc/>
    public override string ToString() => $"{Name}:{Version}";

    [GeneratedRegex(@"(?:/registries/(?<registry>[^/]+)/models/(?<name>[^/:]+)/versions/|/models/(?<name>[^/:]+)/versions/|^azureml:(?<name>[^/:]+):)(?<version>[^/:]+)$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Pattern();
}
