using System.Globalization;

using MLEvents.Tests.Common;

namespace MLEvents.Benchmarks;

/// <summary>Measures the resident memory and the processor time of each service at rest. Each service runs in a separate process.</summary>
internal static class Footprint
{
    private static readonly string[] Services = ["Ingress", "Notifier", "Retrainer", "Deployer"];

    public static async Task RunAsync(Plan plan, TextWriter output, CancellationToken cancellationToken)
    {
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"## At rest: processes measured for {plan.Rest.TotalSeconds} s after a wait of the same length; processor time in % of one core\n"));
        await ServicePrograms.PublishAsync([.. Services, "Dashboard", "Sidecar", "Simulator"], cancellationToken);
        using var folder = new TempFolder();
        var processes = new List<ServiceProcess>();
        try
        {
            await StartAsync(folder, processes, cancellationToken);
            await Task.Delay(plan.Rest, TimeProvider.System, cancellationToken);
            var table = new MarkdownTable("process", "resident, MiB", "processor, %");
            await WatchAsync(processes, plan.Rest, table, cancellationToken);
            await table.WriteAsync(output);
        }
        finally
        {
            processes.ForEach(process => process.Dispose());
        }
    }

    private static async Task StartAsync(TempFolder folder, List<ServiceProcess> processes, CancellationToken cancellationToken)
    {
        var (simulator, smtp) = (FreePort.Next(), FreePort.Next());
        await AddAsync(processes, "Simulator", ServicePrograms.Simulator(simulator, smtp), simulator, cancellationToken);
        var addresses = new List<string>();
        foreach (var name in Services)
        {
            var ports = new ServicePorts(FreePort.Next(), FreePort.Next(), FreePort.Next(), simulator, smtp);
            await AddWithSidecarAsync(processes, name, ServicePrograms.Service(name, ports), ports, folder, cancellationToken);
            addresses.Add($"--Dashboard:Services:{name.ToLowerInvariant()}=http://127.0.0.1:{ports.Service}");
        }

        var own = new ServicePorts(FreePort.Next(), FreePort.Next(), FreePort.Next(), simulator, smtp);
        var dashboard = ServicePrograms.Service("Dashboard", own);
        addresses.Append($"--History:File={Path.Combine(folder.Path, "dashboard.db")}").ToList().ForEach(dashboard.ArgumentList.Add);
        await AddWithSidecarAsync(processes, "Dashboard", dashboard, own, folder, cancellationToken);
    }

    private static async Task AddWithSidecarAsync(List<ServiceProcess> processes, string name, System.Diagnostics.ProcessStartInfo start, ServicePorts ports, TempFolder folder, CancellationToken cancellationToken)
    {
        await AddAsync(processes, name, start, ports.Service, cancellationToken);
        await AddAsync(processes, $"its sidecar ({name})", ServicePrograms.Sidecar(name, ports, folder.Path), ports.SidecarHttp, cancellationToken);
    }

    private static async Task AddAsync(List<ServiceProcess> processes, string name, System.Diagnostics.ProcessStartInfo start, int port, CancellationToken cancellationToken)
    {
        processes.Add(new ServiceProcess(name, start, port));
        await processes[^1].WaitUntilListeningAsync(cancellationToken);
    }

    /// <summary>Measures processes for a time, and adds a row for each process.</summary>
    public static async Task WatchAsync(IReadOnlyList<ServiceProcess> processes, TimeSpan rest, MarkdownTable table, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        var before = processes.Select(process => process.Usage).ToList();
        await Task.Delay(rest, TimeProvider.System, cancellationToken);
        var after = processes.Select(process => process.Usage).ToList();
        var watched = TimeProvider.System.GetElapsedTime(start);

        foreach (var (process, (from, to)) in processes.Zip(before.Zip(after)))
        {
            table.Add(process.Name, Sample.Text(to.ResidentBytes / (1024.0 * 1024), "F0"), Sample.Text((to.Processor - from.Processor) / watched * 100, "F2"));
        }
    }
}
