namespace MLEvents.Local.Host;

/// <summary>The ports of the environment, at fixed offsets from the first port.</summary>
/// <param name="Base">The first port, 1024 to <see cref="MaxBase"/>.</param>
internal sealed record Ports(int Base)
{
    /// <summary>The first port without <c>--port-base</c>.</summary>
    public const int DefaultBase = 5100;

    /// <summary>The highest first port.</summary>
    public const int MaxBase = 65000;

    public int Simulator => Base + 10;

    public int Smtp => Base + 25;

    /// <summary>The port of a service.</summary>
    public int For(ServiceId service) => Base + (int)service;

    /// <summary>The HTTP port of a service's sidecar.</summary>
    public int SidecarHttp(ServiceId service) => Base + 40 + (int)service;

    /// <summary>The gRPC port of a service's sidecar.</summary>
    public int SidecarGrpc(ServiceId service) => Base + 50 + (int)service;

    /// <summary>The port on which a service's daprd receives calls of other sidecars.</summary>
    public int DaprdInternal(ServiceId service) => Base + 60 + (int)service;

    /// <summary>The port of the metrics of a service's daprd.</summary>
    public int DaprdMetrics(ServiceId service) => Base + 70 + (int)service;

    /// <summary>All ports, with the name of the listener.</summary>
    /// <param name="daprd">Whether daprd runs beside each service.</param>
    /// <param name="simulator">Whether the simulator runs.</param>
    public IEnumerable<(string Name, int Port)> All(bool daprd = false, bool simulator = true)
    {
        foreach (var service in Enum.GetValues<ServiceId>())
        {
            yield return (service.AppId(), For(service));
            yield return ($"sidecar of {service.AppId()}, HTTP", SidecarHttp(service));
            yield return ($"sidecar of {service.AppId()}, gRPC", SidecarGrpc(service));
            if (daprd)
            {
                yield return ($"sidecar of {service.AppId()}, internal gRPC", DaprdInternal(service));
                yield return ($"sidecar of {service.AppId()}, metrics", DaprdMetrics(service));
            }
        }

        if (simulator)
        {
            yield return ("simulator", Simulator);
            yield return ("simulator's mail server", Smtp);
        }
    }
}

/// <summary>The services of the environment. The value is the offset of the service's port from the first port.</summary>
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
    public static string AppId(this ServiceId service) => service switch
    {
        ServiceId.Ingress => "ingress",
        ServiceId.Notifier => "notifier",
        ServiceId.Retrainer => "retrainer",
        ServiceId.Deployer => "deployer",
        _ => "dashboard",
    };
}
