namespace MLEvents.Local.Host;

/// <summary>Settings of the services when they run for a real workspace: everything but the addresses of this process comes from the environment and the settings file.</summary>
internal static class AzureSettings
{
    /// <summary>The settings that the host decides.</summary>
    public static Dictionary<string, string?> For(ServiceId member, Ports ports, HostOptions options) => new()
    {
        ["DAPR_HTTP_ENDPOINT"] = $"http://127.0.0.1:{ports.SidecarHttp(member)}",
        ["DAPR_GRPC_ENDPOINT"] = $"http://127.0.0.1:{ports.SidecarGrpc(member)}",
        ["Rules:Directory"] = options.RulesDirectory,
        ["Ledger:InstanceDirectory"] = Path.Combine(options.DataDirectory, "instances"),
    };

    /// <summary>Where a service listens: the ingress for Event Grid as well, all others for this machine only.</summary>
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
