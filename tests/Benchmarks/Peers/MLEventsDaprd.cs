using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

using MLEvents.Local.Host;
using MLEvents.Tests.Common;

namespace MLEvents.Benchmarks.Peers;

/// <summary>
/// This system as separate processes on a real daprd and Redis: an ingress and a notifier, a daprd for each, and a Redis that writes its changes to its file every second.
/// As on AKS and Container Apps, the notifier has bulk subscriptions, and the calls of its daprd may overlap (docs/decisions/134-bulk-deliveries-may-overlap.md).
/// </summary>
/// <param name="daprd">The path of daprd.</param>
/// <param name="portBase">The first port; see <see cref="Ports"/>.</param>
internal sealed class MLEventsDaprd(string daprd, int portBase) : IPeer
{
    private const string AddressOfComponents = "localhost:6379";

    // A bulk delivery holds a worker for each of its messages. With the 64 workers of the repository's component, one bulk message of 50 messages leaves few workers for the next messages.
    private static readonly Dictionary<string, int> PubSubSettings = new() { ["concurrency"] = 256, ["queueDepth"] = 400, ["poolSize"] = 280 };

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

    // The Redis components of the repository, with more workers.
    private static string WriteComponents(string folder, int redis)
    {
        var components = Directory.CreateDirectory(Path.Combine(folder, "components-daprd")).FullName;
        foreach (var name in new[] { "pubsub.yaml", "statestore.yaml", "secretstore.yaml", "resiliency.yaml" })
        {
            var text = File.ReadAllText(Repository.PathOf("components", "redis", name))
                .Replace(AddressOfComponents, string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{redis}"), StringComparison.Ordinal);
            File.WriteAllText(Path.Combine(components, name), name == "pubsub.yaml" ? PubSubSettings.Aggregate(text, WithSetting) : text);
        }

        return components;
    }

    private static string WithSetting(string component, KeyValuePair<string, int> setting)
    {
        var value = new Regex($@"(?<=- name: {setting.Key}\s+value: "")\d+");
        return value.Count(component) == 1
            ? value.Replace(component, setting.Value.ToString(CultureInfo.InvariantCulture))
            : throw new InvalidOperationException($"components/redis/pubsub.yaml has no number {setting.Key}.");
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
        if (service != ServiceId.Ingress)
        {
            // The start information already contains this flag. daprd uses the last value.
            start.ArgumentList.Add("--app-max-concurrency");
            start.ArgumentList.Add("-1");
        }

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
