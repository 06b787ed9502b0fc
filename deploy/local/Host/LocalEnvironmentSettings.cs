using System.Globalization;
using System.Security.Cryptography;

namespace MLEvents.Local.Host;

/// <summary>The settings of the simulator and of each service.</summary>
internal static class LocalEnvironmentSettings
{
    public static Dictionary<string, string?> Simulator(Ports ports) => new()
    {
        ["Simulator:SmtpPort"] = Text(ports.Smtp),
        ["Simulator:FactoryPipelines"] = "retrain-sales",
    };

    // The notifier signs approval links with this key, and the retrainer and the deployer verify the links. Each start of the host creates a new key, so links from earlier runs are invalid.
    private static readonly string LinkKey = RandomNumberGenerator.GetHexString(64, lowercase: true);

    // The simulator's resource group.
    private const string ResourceGroup = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/ml-local";

    /// <summary>The ARM id of the simulator's workspace.</summary>
    public static string Workspace => $"{ResourceGroup}/providers/Microsoft.MachineLearningServices/workspaces/ml-local";

    public static Dictionary<string, string?> For(ServiceId service, Ports ports, HostOptions options) =>
        new((options.Azure is null ? ForSimulator(service, ports, options) : AzureSettings.For(service, ports, options)).Concat(ForDashboard(ports, options)).Concat(ForNotices(service, ports)).Concat(ForDaprd(options)));

    private static Dictionary<string, string?> ForDashboard(Ports ports, HostOptions options) => new()
    {
        // A run with --once ends after the scenario, so no user opens the pages, and the warm-up would slow down the scenario.
        ["Dashboard:WarmUp"] = options.Once ? "false" : "true",
        ["History:File"] = Path.Combine(options.DataDirectory, "dashboard.db"),
        ["Dashboard:Services:ingress"] = AddressOf(ServiceId.Ingress, ports),
        ["Dashboard:Services:notifier"] = AddressOf(ServiceId.Notifier, ports),
        ["Dashboard:Services:retrainer"] = AddressOf(ServiceId.Retrainer, ports),
        ["Dashboard:Services:deployer"] = AddressOf(ServiceId.Deployer, ports),
    };

    // Only the notifier needs the dashboard's address. The dashboard itself uses the address of the request, because the browser may use another loopback name.
    private static Dictionary<string, string?> ForNotices(ServiceId service, Ports ports) =>
        service == ServiceId.Notifier ? new() { ["Dashboard:PublicAddress"] = AddressOf(ServiceId.Dashboard, ports) } : [];

    // Bulk subscriptions of daprd with Redis can lose messages when daprd stops.
    private static Dictionary<string, string?> ForDaprd(HostOptions options) => options.Daprd is null ? [] : new() { ["Delivery:Bulk"] = "false" };

    private static Dictionary<string, string?> ForSimulator(ServiceId service, Ports ports, HostOptions options) => new()
    {
        // The local keys are public, so a service must refuse requests for other host names than these. Otherwise a web page could call it (DNS rebinding).
        ["AllowedHosts"] = "localhost;127.0.0.1;[::1]",
        ["DAPR_HTTP_ENDPOINT"] = $"http://127.0.0.1:{ports.SidecarHttp(service)}",
        ["DAPR_GRPC_ENDPOINT"] = $"http://127.0.0.1:{ports.SidecarGrpc(service)}",
        ["Rules:Directory"] = options.RulesDirectory,
        ["Ledger:PollInterval"] = "00:00:01",
        ["Approvals:PublicAddress"] = AddressOf(service, ports),
        ["Approvals:LinkKey"] = LinkKey,
        ["Ledger:InstanceDirectory"] = Path.Combine(options.DataDirectory, "instances"),
        ["Mail:Host"] = "127.0.0.1",
        ["Mail:Port"] = Text(ports.Smtp),
        ["Mail:From"] = "mlevents@localhost.localdomain",
        ["Mail:Security"] = "None",
        ["AzureML:Endpoint"] = $"http://127.0.0.1:{ports.Simulator}",
        ["AzureML:Credential"] = "Local",
        ["AzureML:Workspaces:0"] = Workspace,
        ["AzureML:Factories:0"] = $"{ResourceGroup}/providers/Microsoft.DataFactory/factories/adf-local",
        ["Retrainer:PollInterval"] = "00:00:01",

        // Azure lists a new run with a delay. The simulator lists it at once, so a short wait is enough.
        ["Retrainer:RunListingDelay"] = "00:00:01",
        ["Deployer:PollInterval"] = "00:00:00.5",
    };

    /// <summary>Sets the environment variables of the component files. Webhook addresses are secrets, so the component files refer to environment variables. The values are addresses of the simulator's inbox.</summary>
    public static void SetEnvironment(Ports ports)
    {
        Environment.SetEnvironmentVariable("TEAMS_WEBHOOK_URL", $"http://127.0.0.1:{ports.Simulator}/hooks/teams");
        Environment.SetEnvironmentVariable("SLACK_WEBHOOK_URL", $"http://127.0.0.1:{ports.Simulator}/hooks/slack");
        Environment.SetEnvironmentVariable("GENERIC_WEBHOOK_URL", $"http://127.0.0.1:{ports.Simulator}/hooks/webhook");
    }

    private static string AddressOf(ServiceId service, Ports ports) => $"http://127.0.0.1:{ports.For(service)}";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
