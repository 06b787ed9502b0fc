using System.Diagnostics;
using System.Globalization;

using MLEvents.Local.Host;
using MLEvents.Tests.Common;

namespace MLEvents.Benchmarks.Peers;

/// <summary>This system as separate processes on a real daprd and Redis: an ingress and a notifier, a daprd for each, and a Redis that writes its changes to its file every second.</summary>
/// <param name="daprd">The path of daprd.</param>
/// <param name="portBase">The first port; see <see cref="Ports"/>.</param>
internal sealed class MLEventsDaprd(string daprd, int portBase) : IPeer
{
    private const string AddressOfComponents = "localhost:6379";

    private static readonly ServiceId[] Services = [ServiceId.Ingress, ServiceId.Notifier];

    public string Name => "this system, daprd and Redis";

    public Task<RunningPeer> StartAsync(string folder, int smtpPort, CancellationToken cancellationToken)
    {
        var (rules, ports, redis) = (MLEventsRules.WriteRules(folder), new Ports(portBase), FreePort.Next());
        var data = Directory.CreateDirectory(Path.Combine(folder, "data")).FullName;
        var options = new Local.Host.HostOptions(Once: false, PlayScenario: false, ReportFile: null, rules, data, portBase, WriteComponents(folder, redis), daprd);
        return RunningPeer.StartAsync(new Uri($"http://127.0.0.1:{ports.For(ServiceId.Ingress)}/events?code={MLEventsRules.Key}"), AddAsync, cancellationToken);

        async Task AddAsync(List<ServiceProcess> processes)
        {
            processes.Add(new ServiceProcess("redis", Redis(redis, data), redis));
            await processes[0].WaitUntilListeningAsync(cancellationToken);
            foreach (var service in Services)
            {
                var tokens = Local.Host.SidecarTokens.Create();
                var own = new ServicePorts(ports.For(service), ports.SidecarHttp(service), ports.SidecarGrpc(service), 0, smtpPort);
                processes.Add(new ServiceProcess($"{service}", WithTokens(MLEventsProcesses.Service($"{service}", own, rules), tokens), own.Service));
                processes.Add(new ServiceProcess($"daprd of {service}", Sidecar(service, ports, options, tokens), own.SidecarHttp));
            }

            await MLEventsProcesses.WaitUntilReadyAsync(ports.For(ServiceId.Notifier), cancellationToken);
        }
    }

    // The components of components/redis: those that the comparison needs with the embedded sidecar too, and the secret store that their files name.
    private static string WriteComponents(string folder, int redis)
    {
        var components = Directory.CreateDirectory(Path.Combine(folder, "components-daprd")).FullName;
        foreach (var name in new[] { "pubsub.yaml", "statestore.yaml", "secretstore.yaml", "resiliency.yaml" })
        {
            var text = File.ReadAllText(Repository.PathOf("components", "redis", name));
            File.WriteAllText(Path.Combine(components, name), text.Replace(AddressOfComponents, string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{redis}"), StringComparison.Ordinal));
        }

        return components;
    }

    private static ProcessStartInfo Redis(int port, string data) =>
        new("redis-server", ["--port", port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--dir", data, "--save", "", "--appendonly", "yes", "--appendfsync", "everysec"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

    private ProcessStartInfo Sidecar(ServiceId service, Ports ports, Local.Host.HostOptions options, Local.Host.SidecarTokens tokens)
    {
        var start = Daprd.StartInfo(daprd, service, ports, options, tokens);
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        start.Environment["REDIS_PASSWORD"] = "";
        start.ArgumentList.Add("--log-level");
        start.ArgumentList.Add("warn");
        return start;
    }

    private static ProcessStartInfo WithTokens(ProcessStartInfo start, Local.Host.SidecarTokens tokens)
    {
        foreach (var (name, token) in tokens.Variables)
        {
            start.Environment[name] = token;
        }

        return start;
    }
}
