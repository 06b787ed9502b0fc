namespace MLEvents.Local.Host;

/// <summary>
/// The addresses and folders that the host sets for a service of a real workspace. The settings of the workspace and the credentials come from the environment and
/// the settings file.
/// </summary>
internal static class AzureSettings
{
    /// <summary>The settings of a service.</summary>
    public static Dictionary<string, string?> For(ServiceId service, Ports ports, HostOptions options) => new()
    {
        ["DAPR_HTTP_ENDPOINT"] = $"http://127.0.0.1:{ports.SidecarHttp(service)}",
        ["DAPR_GRPC_ENDPOINT"] = $"http://127.0.0.1:{ports.SidecarGrpc(service)}",
        ["Rules:Directory"] = options.RulesDirectory,
        ["Ledger:InstanceDirectory"] = Path.Combine(options.DataDirectory, "instances"),
    };

    /// <summary>The addresses on which a service listens. The ingress also listens on the address for Event Grid. The other services listen on 127.0.0.1 only.</summary>
    public static string Urls(ServiceId service, Ports ports, AzureOptions azure)
    {
        var local = $"http://127.0.0.1:{ports.For(service)}";
        return (service, azure.ListenAddress) switch
        {
            (not ServiceId.Ingress, _) or (_, "127.0.0.1") => local,
            (_, "0.0.0.0" or "[::]") => $"http://{azure.ListenAddress}:{ports.For(service)}",
            _ => $"{local};http://{azure.ListenAddress}:{ports.For(service)}",
        };
    }
}
