namespace MLEvents.Local.Host;

/// <summary>The ports of the environment, at fixed distances from a first port.</summary>
/// <param name="Base">The first port, 1024 to 65000. Default 5100.</param>
internal sealed record Ports(int Base)
{
    public const int Default = 5100;

    /// <summary>The highest first port.</summary>
    public const int Last = 65000;

    public int Simulator => Base + 10;

    public int Smtp => Base + 25;

    /// <summary>The port of a service.</summary>
    public int For(ServiceId member) => Base + (int)member;

    /// <summary>The HTTP port of a service's sidecar.</summary>
    public int SidecarHttp(ServiceId member) => Base + 40 + (int)member;

    /// <summary>The gRPC port of a service's sidecar.</summary>
    public int SidecarGrpc(ServiceId member) => Base + 50 + (int)member;

    /// <summary>The port on which a service's daprd receives calls of other sidecars.</summary>
    public int DaprdInternal(ServiceId member) => Base + 60 + (int)member;

    /// <summary>The port of the metrics of a service's daprd.</summary>
    public int DaprdMetrics(ServiceId member) => Base + 70 + (int)member;

    /// <summary>All ports, with the name of the listener.</summary>
    /// <param name="daprd">Whether daprd runs beside each service.</param>
    /// <param name="simulator">Whether the simulator runs.</param>
    public IEnumerable<(string Name, int Port)> All(bool daprd = false, bool simulator = true)
    {
        foreach (var member in Enum.GetValues<ServiceId>())
        {
            yield return (member.AppId(), For(member));
            yield return ($"sidecar of {member.AppId()} (HTTP)", SidecarHttp(member));
            yield return ($"sidecar of {member.AppId()} (gRPC)", SidecarGrpc(member));
            if (daprd)
            {
                yield return ($"sidecar of {member.AppId()} (other sidecars)", DaprdInternal(member));
                yield return ($"sidecar of {member.AppId()} (metrics)", DaprdMetrics(member));
            }
        }

        if (simulator)
        {
            yield return ("simulator", Simulator);
            yield return ("simulator's mail server", Smtp);
        }
    }
}

/// <summary>The services of the environment. The value is the distance of the service's port from the first port.</summary>
internal enum ServiceId
{
    Ingress = 0,
    Notifier = 1,
    Retrainer = 2,
    Deployer = 3,
    Dashboard = 4,
}

internal static class ServiceIds
{
    /// <summary>The Dapr app id.</summary>
    public static string AppId(this ServiceId member) => member switch
    {
        ServiceId.Ingress => "ingress",
        ServiceId.Notifier => "notifier",
        ServiceId.Retrainer => "retrainer",
        ServiceId.Deployer => "deployer",
        _ => "dashboard",
    };
}
