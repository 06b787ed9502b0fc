using System.Net;
using System.Net.Sockets;

using MLEvents.Rules;

namespace MLEvents.Local.Host;

/// <summary>Checks that the environment can start, before any service starts.</summary>
internal static class Preflight
{
    private const int Bases = 20;

    /// <exception cref="StartException">
    /// A port is in use, a folder or the settings file is missing, the path of the report is not usable, or a rule file is invalid.
    /// </exception>
    public static void Check(HostOptions options, Ports ports)
    {
        foreach (var (name, port) in PortsOf(options, ports))
        {
            if (!IsFree(port))
            {
                var suggestion = FreeBase(options) is { } free ? $", or start with --port-base {free}" : "";
                throw new StartException($"Port {port} ({name}) is in use. Stop what listens there{suggestion}.");
            }
        }

        if (!Directory.Exists(options.ComponentsDirectory))
        {
            throw new StartException($"The component folder {options.ComponentsDirectory} is missing. Run from a checkout of the repository, or name a component folder with --components.");
        }

        if (options.Azure?.SettingsFile is { } settings && !File.Exists(settings))
        {
            throw new StartException($"The settings file {settings} does not exist. Correct --settings, or leave it out and set environment variables instead.");
        }

        CheckReport(options.ReportFile);
        CheckRules(options.RulesDirectory);
    }

    private static void CheckReport(string? file)
    {
        if (file is null)
        {
            return;
        }

        if (Directory.Exists(file))
        {
            throw new StartException($"The report {file} is a folder. Name a file with --report.");
        }

        if (Path.GetDirectoryName(file) is { } folder && !Directory.Exists(folder))
        {
            throw new StartException($"The folder {folder} of the report does not exist. Create it, or name another file with --report.");
        }
    }

    private static void CheckRules(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new StartException($"The rules folder {folder} does not exist. Create it, or name another folder with --rules.");
        }

        var errors = new List<RuleError>();
        Collect(errors, Path.Combine(folder, "alerts.yaml"), file => RuleLoader.LoadAlerts(file));
        Collect(errors, Path.Combine(folder, "retraining.yaml"), file => RuleLoader.LoadRetraining(file));
        Collect(errors, Path.Combine(folder, "deployments.yaml"), file => RuleLoader.LoadDeployments(file));
        if (errors.Count > 0)
        {
            var more = errors.Count == 1 ? "" : $" (and {errors.Count - 1} more)";
            throw new StartException($"A rule file is invalid: {errors[0].ToString().ReplaceLineEndings(" ")}{more}");
        }
    }

    // A missing file is valid: the service then has no rules, and logs that the file is missing.
    private static void Collect(List<RuleError> errors, string file, Action<string> load)
    {
        if (!File.Exists(file))
        {
            return;
        }

        try
        {
            load(file);
        }
        catch (RuleFileException exception)
        {
            errors.AddRange(exception.Errors);
        }
    }

    private static IEnumerable<(string Name, int Port)> PortsOf(HostOptions options, Ports ports) => ports.All(options.Daprd is not null, options.Azure is null);

    // The first of the next 20 port bases whose ports are all free; null if there is none.
    private static int? FreeBase(HostOptions options) => Enumerable.Range(1, Bases)
        .Select(step => options.PortBase + (step * 100))
        .Where(candidate => candidate <= Ports.MaxBase && PortsOf(options, new Ports(candidate)).All(port => IsFree(port.Port)))
        .Select(candidate => (int?)candidate)
        .FirstOrDefault();

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
