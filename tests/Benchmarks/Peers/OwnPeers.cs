using System.Globalization;
using System.Text.Json;

using MLEvents.Tests.Common;

namespace MLEvents.Benchmarks.Peers;

/// <summary>The rules and settings of this system for the comparison.</summary>
internal static class MLEventsRules
{
    public const string Key = "local-benchmark-key";

    public static string WriteRules(string folder)
    {
        var rules = Directory.CreateDirectory(Path.Combine(folder, "rules")).FullName;
        File.WriteAllText(Path.Combine(rules, "retraining.yaml"), "retraining: []\n");
        File.WriteAllText(Path.Combine(rules, "deployments.yaml"), "deployments: []\n");
        File.WriteAllText(Path.Combine(rules, "alerts.yaml"), $$$"""
            alerts:
              - name: production
                when:
                  includedEventTypes: [{{{string.Join(", ", PeerEvents.MatchingTypes)}}}]
                  subjectBeginsWith: {{{PeerEvents.SubjectPrefix}}}
                send:
                  channel: email
                  to: [oncall@example.com]
                  subject: "[ML] {{ data.runStatus }} {{ subject }} {{ id }}"
                  text: "{{ subject }} {{ id }}"
            """);
        return rules;
    }

    /// <summary>The broker and the state with their resiliency policies: the comparison needs no other component. Without a retry policy, the sidecar dead-letters a message at the first RETRY.</summary>
    public static string WriteComponents(string folder)
    {
        var components = Directory.CreateDirectory(Path.Combine(folder, "components")).FullName;
        foreach (var name in new[] { "pubsub.yaml", "statestore.yaml", "resiliency.yaml" })
        {
            File.Copy(Repository.PathOf("components", "embedded", name), Path.Combine(components, name));
        }

        return components;
    }
}

/// <summary>This system as four processes: ingress and notifier, each with its embedded sidecar.</summary>
internal sealed class MLEventsProcesses : IPeer
{
    public string Name => "this system, 4 processes";

    public async Task<RunningPeer> StartAsync(string folder, int smtpPort, CancellationToken cancellationToken)
    {
        var (rules, components) = (MLEventsRules.WriteRules(folder), MLEventsRules.WriteComponents(folder));
        var processes = new List<ServiceProcess>();
        var ingress = new ServicePorts(FreePort.Next(), FreePort.Next(), FreePort.Next(), 0, smtpPort);
        var notifier = new ServicePorts(FreePort.Next(), FreePort.Next(), FreePort.Next(), 0, smtpPort);
        foreach (var (name, ports) in new[] { ("Ingress", ingress), ("Notifier", notifier) })
        {
            processes.Add(new ServiceProcess(name, Service(name, ports, rules), ports.Service));
            processes.Add(new ServiceProcess($"sidecar of {name}", Sidecar(name, ports, components, folder), ports.SidecarHttp));
        }

        var peer = new RunningPeer(new Uri($"http://127.0.0.1:{ingress.Service}/events?code={MLEventsRules.Key}"), processes);
        await Poll.UntilAsync(stop => IsReadyAsync(notifier.Service, stop), isReady => isReady, cancellationToken);
        return await peer.ReadyAsync(cancellationToken);
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

    private static System.Diagnostics.ProcessStartInfo Service(string name, ServicePorts ports, string rules)
    {
        var start = ServicePrograms.Service(name, ports);
        start.ArgumentList.Add($"--Rules:Directory={rules}");
        start.ArgumentList.Add($"--Ingress:Keys:0={MLEventsRules.Key}");
        start.ArgumentList.Add("--Logging:LogLevel:Default=Warning");
        return start;
    }

    private static System.Diagnostics.ProcessStartInfo Sidecar(string name, ServicePorts ports, string components, string folder)
    {
        var start = ServicePrograms.Sidecar(name, ports, Path.Combine(folder, "data"));
        start.ArgumentList.Remove($"--resources-path={Repository.PathOf("components", "embedded")}");
        start.ArgumentList.Add($"--resources-path={components}");
        start.ArgumentList.Add("--log-level=warn");
        return start;
    }
}

/// <summary>This system in one process: the local host with <c>--azure</c>, all services included.</summary>
internal sealed class MLEventsHost(int portBase) : IPeer
{
    public string Name => "this system, one process";

    public async Task<RunningPeer> StartAsync(string folder, int smtpPort, CancellationToken cancellationToken)
    {
        var settings = Path.Combine(folder, "settings.json");
        await File.WriteAllBytesAsync(settings, Settings(smtpPort), cancellationToken);
        var start = Built.Program("Host", "MLEvents.Local.Host",
        [
            "--azure",
            "--settings", settings,
            "--rules", MLEventsRules.WriteRules(folder),
            "--components", MLEventsRules.WriteComponents(folder),
            "--data", Path.Combine(folder, "data"),
            "--port-base", portBase.ToString(CultureInfo.InvariantCulture),
        ]);
        var peer = new RunningPeer(new Uri($"http://127.0.0.1:{portBase}/events?code={MLEventsRules.Key}"), [new ServiceProcess("host", start, portBase)]);
        return await peer.ReadyAsync(cancellationToken);
    }

    private static byte[] Settings(int smtpPort) => JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>
    {
        ["Ingress"] = new { Keys = new[] { MLEventsRules.Key } },
        ["Mail"] = new { Host = "127.0.0.1", Port = smtpPort, From = "mlevents@example.com", Security = "None" },
        ["AzureML"] = new { Workspaces = new[] { PeerEvents.Workspace } },
        ["Logging"] = new { LogLevel = new { Default = "Warning" } },
    });
}
