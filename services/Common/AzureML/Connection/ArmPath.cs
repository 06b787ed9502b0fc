using System.Security.Cryptography;
using System.Text;

namespace MLEvents.AzureML.Connection;

/// <summary>A path and query of Azure Resource Manager: created from an <see cref="ArmId"/>, or taken from a link in an answer that leads to Resource Manager.</summary>
internal sealed class ArmPath
{
    private const int IdDigits = 8;

    private readonly string _pathAndQuery;

    private ArmPath(ArmId? id, string pathAndQuery)
    {
        Id = id;
        _pathAndQuery = pathAndQuery;
    }

    /// <summary>The resource whose workspace, registry or factory the settings must allow; <see langword="null"/> for a link.</summary>
    public ArmId? Id { get; }

    /// <summary>The path of a resource, or of an action or a list below it.</summary>
    /// <param name="id">The resource.</param>
    /// <param name="version">The API version.</param>
    /// <param name="action">A constant of this library, for example <c>/cancel</c>.</param>
    public static ArmPath For(ArmId id, string version, string action = "") => new(id, $"{id}{action}?api-version={version}");

    /// <summary>The path of a list, such as the machine sizes, that Azure Machine Learning has for a region in the subscription of a workspace.</summary>
    /// <exception cref="ArgumentException">The location is not the name of a region.</exception>
    public static ArmPath ForLocation(ArmId workspace, string location, string version, string list) =>
        location.Length is > 0 and <= 64 && location.Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant() is var region && region.All(char.IsAsciiLetterOrDigit)
            ? new(workspace, $"/subscriptions/{workspace.Identifier.SubscriptionId}/providers/Microsoft.MachineLearningServices/locations/{region}{list}?api-version={version}")
            : throw new ArgumentException("The location is not the name of an Azure region, such as westeurope.", nameof(location));

    /// <summary>
    /// The path of the autoscale setting of a deployment, in the resource group of its workspace.
    /// If the options allow the workspace, they also allow this path.
    /// The setting's name contains the names of endpoint and deployment. It ends with 8 digits of a hash of the deployment's id, because two workspaces of a resource group
    /// can have endpoints with the same name.
    /// </summary>
    public static ArmPath ForAutoscaleSetting(ArmId deployment)
    {
        var (group, endpoint) = (deployment.Identifier, deployment.Identifier.Parent?.Name);
        var digits = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(deployment.ToString().ToUpperInvariant())))[..IdDigits];
        return new(deployment, $"/subscriptions/{group.SubscriptionId}/resourceGroups/{group.ResourceGroupName}/providers/Microsoft.Insights/autoscaleSettings/{endpoint}-{deployment.Name}-{digits}?api-version={ArmConnection.AutoscaleVersion}");
    }

    /// <summary>The path with a further query parameter.</summary>
    public ArmPath With(string name, string value) => new(Id, $"{_pathAndQuery}&{name}={Uri.EscapeDataString(value)}");

    /// <summary>
    /// The path of a link. <see langword="null"/> if the link leads to another server than the endpoint, because a request to that server would contain the token.
    /// A link whose path does not begin with <c>/subscriptions/</c> or <c>/providers/</c> is refused too.
    /// </summary>
    /// <param name="link">An absolute or relative link.</param>
    /// <param name="endpoint">The endpoint in the settings.</param>
    public static ArmPath? FromLink(string link, Uri endpoint) =>
        !link.Contains('\\', StringComparison.Ordinal) && !link.Any(char.IsControl)
        && Uri.TryCreate(endpoint, link, out var address)
        && address.Scheme == endpoint.Scheme && address.Port == endpoint.Port && address.UserInfo.Length == 0
        && string.Equals(address.IdnHost, endpoint.IdnHost, StringComparison.OrdinalIgnoreCase)
        && (StartsWith(address, "/subscriptions/") || StartsWith(address, "/providers/"))
            ? new ArmPath(null, address.PathAndQuery)
            : null;

    public override string ToString() => _pathAndQuery;

    private static bool StartsWith(Uri address, string prefix) => address.AbsolutePath.StartsWith(prefix, StringComparison.OrdinalIgnoreCase);
}
