using System.Net;

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
        var address = IPAddress.TryParse(azure.ListenAddress, out var parsed) ? parsed : IPAddress.Loopback;
        if (service != ServiceId.Ingress || address.Equals(IPAddress.Loopback))
        {
            return local;
        }

        var own = $"http://{new IPEndPoint(address, ports.For(service))}";
        return address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) ? own : $"{local};{own}";
    }
}
