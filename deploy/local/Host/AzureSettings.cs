namespace MLEvents.Local.Host;

/// <summary>The settings that the host sets for services of a real workspace: addresses and folders. All other settings come from the environment and the settings file.</summary>
internal static class AzureSettings
{
    /// <summary>The settings of a service.</summary>
    public static Dictionary<string, string?> For(ServiceId member, Ports ports, HostOptions options) => new()
    {
        ["DAPR_HTTP_ENDPOINT"] = $"http://127.0.0.1:{ports.SidecarHttp(member)}",
        ["DAPR_GRPC_ENDPOINT"] = $"http://127.0.0.1:{ports.SidecarGrpc(member)}",
        ["Rules:Directory"] = options.RulesDirectory,
        ["Ledger:InstanceDirectory"] = Path.Combine(options.DataDirectory, "instances"),
    };

    /// <summary>The addresses on which a service listens. The ingress also listens on the address for Event Grid. The other services listen on 127.0.0.1 only.</summary>
    public static string Urls(ServiceId member, Ports ports, AzureOptions azure)
    {
        var local = $"http://127.0.0.1:{ports.For(member)}";
        return (member, azure.ListenAddress) switch
        {
            (not ServiceId.Ingress, _) or (_, "127.0.0.1") => local,
            (_, "0.0.0.0" or "[::]") => $"http://{azure.ListenAddress}:{ports.For(member)}",
            _ => $"{local};http://{azure.ListenAddress}:{ports.For(member)}",
        };
    }
}
