namespace MLEvents.AzureML.Models;

/// <summary>The name and version of a model, from the asset id by which a deployment refers to the model.</summary>
/// <param name="Name">The model's name.</param>
/// <param name="Version">The version.</param>
public sealed record ModelReference(string Name, string Version)
{
    private const string Models = "models";
    private const string Versions = "versions";

    /// <summary>Reads an asset id that ends with <c>models/NAME/versions/VERSION</c>, in a workspace or in a registry. The casing of <c>models</c> and <c>versions</c> is ignored, as in every ARM id.</summary>
    /// <param name="assetId">The id; <see langword="null"/> if the deployment has none.</param>
    /// <returns>The reference; <see langword="null"/> if the id is missing or has another form.</returns>
    public static ModelReference? Parse(string? assetId) =>
        assetId?.Split('/') is [.., var models, { Length: > 0 } name, var versions, { Length: > 0 } version]
        && models.Equals(Models, StringComparison.OrdinalIgnoreCase) && versions.Equals(Versions, StringComparison.OrdinalIgnoreCase)
            ? new ModelReference(name, version)
            : null;
}
