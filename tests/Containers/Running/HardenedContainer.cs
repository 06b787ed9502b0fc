using DotNet.Testcontainers.Builders;

namespace MLEvents.Containers.Running;

/// <summary>Creates a container with the restrictions that docker-compose.yml sets for a service, except the limit on processes.</summary>
internal static class HardenedContainer
{
    /// <summary>The memory limit in bytes.</summary>
    private const long Memory = 256L << 20;

    /// <summary>
    /// Creates a container from the image of a service. It uses the host network, because the services accept the simulator on loopback only.
    /// It uses the process ids of the host, because a sidecar uses them to detect that another sidecar ended.
    /// </summary>
    public static ContainerBuilder Create(string service, params string[] arguments) =>
        new ContainerBuilder(Engine.Image(service))
            .WithCommand(arguments)
            .WithTmpfsMount("/tmp")
            .WithCreateParameterModifier(parameters =>
            {
                var host = parameters.HostConfig ??= new();
                parameters.User = "1654:1654";
                host.NetworkMode = "host";
                host.PidMode = "host";
                host.ReadonlyRootfs = true;
                host.CapDrop = ["ALL"];
                host.SecurityOpt = ["no-new-privileges:true"];
                host.Memory = Memory;
            });
}
