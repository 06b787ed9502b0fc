namespace MLEvents.ServiceDefaults.Tokens;

/// <summary>The addresses of Microsoft Entra in a cloud.</summary>
/// <param name="Name">The name of the cloud in the settings. <c>az cloud list</c> shows the same names, except that it calls the public cloud <c>AzureCloud</c>.</param>
/// <param name="Login">The first part of the issuer's address in tokens of version 2. The address of the metadata begins with it too.</param>
/// <param name="TokenService">The first part of the issuer's address in tokens of version 1.</param>
/// <param name="EventGrid">The application id of Event Grid; null if Microsoft does not publish it.</param>
/// <seealso href="https://learn.microsoft.com/azure/event-grid/secure-webhook-delivery"/>
public sealed record EntraCloud(string Name, string Login, string TokenService, string? EventGrid)
{
    private static readonly EntraCloud[] All =
    [
        new("AzurePublicCloud", "https://login.microsoftonline.com", "https://sts.windows.net", "4962773b-9cdb-44cf-a8bf-237846a00ab7"),
        new("AzureUSGovernment", "https://login.microsoftonline.us", "https://sts.windows.net", "54316b56-3481-47f9-8f30-0300f5542a7b"),
        new("AzureChinaCloud", "https://login.partner.microsoftonline.cn", "https://sts.chinacloudapi.cn", null),
    ];

    /// <summary>The names of the clouds.</summary>
    public static IEnumerable<string> Names => All.Select(cloud => cloud.Name);

    /// <summary>Finds a cloud by its name in any letter case; returns the public cloud for null.</summary>
    /// <returns>Null if no cloud has the name.</returns>
    public static EntraCloud? Find(string? name) => name is null ? All[0] : All.FirstOrDefault(cloud => cloud.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The issuers that a tenant's tokens name: the issuer of version 2, then the issuer of version 1.</summary>
    public IReadOnlyList<string> IssuersOf(Guid tenant) => [$"{Login}/{tenant}/v2.0", $"{TokenService}/{tenant}/"];
}
