using System.Diagnostics;

using MLEvents.Tests.Common;

namespace MLEvents.Benchmarks.Peers;

/// <summary>This system as separate processes: an ingress and notifiers, each with its embedded sidecar.</summary>
/// <param name="notifiers">The number of replicas of the notifier.</param>
internal sealed class MLEventsProcesses(int notifiers = 1) : IPeer
{
    public string Name => $"this system, {2 + (2 * notifiers)} processes";

    public Task<RunningPeer> StartAsync(string folder, int smtpPort, CancellationToken cancellationToken)
    {
        var (rules, components) = (MLEventsRules.WriteRules(folder), MLEventsRules.WriteComponents(folder));
        var ingress = new ServicePorts(FreePort.Next(), FreePort.Next(), FreePort.Next(), 0, smtpPort);
        var replicas = Enumerable.Range(0, notifiers).Select(_ => ("Notifier", new ServicePorts(FreePort.Next(), FreePort.Next(), FreePort.Next(), 0, smtpPort))).ToList();
        return RunningPeer.StartAsync(new Uri($"http://127.0.0.1:{ingress.Service}/events?code={MLEventsRules.Key}"), AddAsync, cancellationToken);

        async Task AddAsync(List<ServiceProcess> processes)
        {
            foreach (var (name, ports) in replicas.Prepend(("Ingress", ingress)))
            {
                processes.Add(new ServiceProcess(name, Service(name, ports, rules), ports.Service));
                processes.Add(new ServiceProcess($"sidecar of {name}", Sidecar(name, ports, components, folder), ports.SidecarHttp));
            }

            foreach (var (_, ports) in replicas)
            {
                await WaitUntilReadyAsync(ports.Service, cancellationToken);
            }
        }
    }

    /// <summary>Waits until a service and its sidecar are ready.</summary>
    public static Task WaitUntilReadyAsync(int port, CancellationToken cancellationToken) =>
        Poll.UntilAsync(stop => IsReadyAsync(port, stop), isReady => isReady, cancellationToken);

    /// <summary>The start information of a service with the rules and the key of the comparison.</summary>
    public static ProcessStartInfo Service(string name, ServicePorts ports, string rules)
    {
        var start = ServicePrograms.Service(name, ports);
        start.ArgumentList.Add($"--Rules:Directory={rules}");
        start.ArgumentList.Add($"--Ingress:Keys:0={MLEventsRules.Key}");
        start.ArgumentList.Add("--Logging:LogLevel:Default=Warning");
        return start;
    }

    private static async Task<bool> IsReadyAsync(int port, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        try
        {
            using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{port}/readyz"), cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            // The service does not listen yet.
            return false;
        }
    }

    private static ProcessStartInfo Sidecar(string name, ServicePorts ports, string components, string folder)
    {
        var start = ServicePrograms.Sidecar(name, ports, Path.Combine(folder, "data"));
        start.ArgumentList.Remove($"--resources-path={Repository.PathOf("components", "embedded")}");
        start.ArgumentList.Add($"--resources-path={components}");
        start.ArgumentList.Add("--log-level=warn");
        return start;
    }
}
