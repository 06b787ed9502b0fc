using System.IO.Enumeration;

using Microsoft.Extensions.Options;

using MLEvents.AzureML.Errors;

namespace MLEvents.AzureML.Connection;

/// <summary>The workspaces, registries and factories that the settings allow. An event names the workspace of its action, so the settings must limit the workspaces that an event can reach. In Development, a setting without a value allows everything.</summary>
internal sealed class ArmScope(IOptions<AzureMLOptions> options, IHostEnvironment environment)
{
    private const int ResourceSegments = 9;

    /// <summary>Checks whether the settings allow requests to a resource. Call it before each request.</summary>
    /// <exception cref="AzureException">The settings do not allow its workspace, registry or factory; code <see cref="AzureException.NotAllowedCode"/>.</exception>
    public void Check(ArmId id)
    {
        var (key, patterns) = id.ToString().Split('/')[7].ToUpperInvariant() switch
        {
            "FACTORIES" => (nameof(AzureMLOptions.Factories), options.Value.Factories),
            "REGISTRIES" => (nameof(AzureMLOptions.Registries), options.Value.Registries),
            _ => (nameof(AzureMLOptions.Workspaces), options.Value.Workspaces),
        };
        var given = patterns.Where(pattern => !string.IsNullOrWhiteSpace(pattern)).ToList();
        if (given.Count == 0 && environment.IsDevelopment())
        {
            return;
        }

        var resource = id.ToString().Split('/')[..ResourceSegments];
        if (!given.Any(pattern => Matches(pattern, resource)))
        {
            throw new AzureException($"{string.Join('/', resource)} is not allowed by {AzureMLOptions.Section}:{key}; add it there to let this service act in it.")
            {
                Code = AzureException.NotAllowedCode,
            };
        }
    }

    /// <summary>Whether a setting has the form of an ARM id of a workspace, registry or factory, with <c>*</c> for any characters in the subscription, the resource group and the name.</summary>
    public static bool IsPattern(string pattern, string type) =>
        pattern.Split('/') is { Length: ResourceSegments } segments
        && string.Join('/', segments[0], segments[1], segments[3], segments[5], segments[6], segments[7])
            .Equals($"/subscriptions/resourceGroups/providers/{type}", StringComparison.OrdinalIgnoreCase)
        && segments[2].Length > 0 && segments[4].Length > 0 && segments[8].Length > 0
        && pattern.All(character => char.IsLetterOrDigit(character) || "/-_.()*".Contains(character, StringComparison.Ordinal));

    private static bool Matches(string pattern, string[] resource) =>
        pattern.Split('/') is { Length: ResourceSegments } segments
        && segments.Zip(resource).All(pair => FileSystemName.MatchesSimpleExpression(pair.First, pair.Second, ignoreCase: true) || pair is { First: "", Second: "" });
}
