using DotNet.Testcontainers.Builders;

namespace MLEvents.Containers.Running;

/// <summary>A container with no more rights than docker-compose.yml gives it.</summary>
internal static class Hardened
{
    /// <summary>The most memory it may take.</summary>
    private const long Memory = 256L << 20;

    /// <summary>
    /// Of the image of a service. It uses the machine's own network, for the simulator is taken on loopback only, and its process numbers, by which a
    /// sidecar sees that another has died.
    /// </summary>
    public static ContainerBuilder Of(string service, params string[] arguments) =>
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
