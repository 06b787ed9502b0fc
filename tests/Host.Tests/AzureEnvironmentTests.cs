using System.Net;
using System.Net.Sockets;
using System.Text;

using MLEvents.Tests.Common;

namespace MLEvents.Local.Host.Tests;

/// <summary>The host for a real workspace: the simulator does not run, and the settings come from a file. A listener on loopback replaces Azure.</summary>
public sealed class AzureEnvironmentTests : IDisposable
{
    private const string Key = "a-key-of-this-test-only";
    private const string Workspace = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws1";
    private readonly TempFolder _folder = new();
    private readonly Ports _ports = new(TestData.PortBase());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public AzureEnvironmentTests()
    {
        _folder.Write("components/components.yaml", """
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: { name: pubsub }
            spec: { type: pubsub.embedded, version: v1, metadata: [{ name: path, value: broker.db }] }
            ---
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: { name: statestore }
            spec: { type: state.sqlite, version: v1, metadata: [{ name: connectionString, value: state.db }] }
            """);
        _folder.Write("rules/alerts.yaml", """
            alerts:
              - name: failed
                when: { includedEventTypes: [RunStatusChanged] }
                send: { channel: email, to: [oncall@example.com], subject: "{{ id }}", text: "{{ subject }}" }
            """);
        _folder.Write("rules/retraining.yaml", "retraining: []\n");
        _folder.Write("rules/deployments.yaml", "deployments: []\n");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_event_of_the_workspace_becomes_a_mail_and_the_simulator_does_not_run()
    {
        await using var mails = MailReceiver.Start();
        using var azure = new TcpListener(IPAddress.Loopback, 0);
        azure.Start();
        await using var environment = new LocalEnvironment(Options(Settings(mails.Port, azure)), _ports);

        await environment.StartAsync(Token);
        await PostAsync("evt-1");

        Assert.Contains("Subject: evt-1", (await mails.Mails.ReadAsync(Token)).Content, StringComparison.Ordinal);
        Assert.True(FreePort.IsFree(_ports.Simulator) && FreePort.IsFree(_ports.Smtp));
        Assert.False(azure.Pending(), "no rule needs Azure, so nothing calls it");
        Assert.True(File.Exists(Path.Combine(_folder.Path, "data", "broker.db")));
    }

    [Fact]
    public async Task The_development_key_is_not_accepted()
    {
        using var azure = new TcpListener(IPAddress.Loopback, 0);
        azure.Start();

        var failed = await StartAsync(Settings(25, azure).Replace(Key, "local-development-key", StringComparison.Ordinal));

        Assert.Contains("'local-development-key', which works in Development only", failed, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"Keys\"", "Ingress:Keys is empty; set Ingress__Keys__0")]
    [InlineData("\"From\"", "Mail:From is missing; set Mail__From")]
    [InlineData("\"Workspaces\"", "AzureML:Workspaces")]
    public async Task A_missing_setting_is_named_in_one_line(string left, string message)
    {
        using var azure = new TcpListener(IPAddress.Loopback, 0);
        azure.Start();

        var failed = await StartAsync(Settings(25, azure).Replace(left, "\"Other\"", StringComparison.Ordinal));

        Assert.Contains(message, failed, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failed);
    }

    [Fact]
    public async Task A_settings_file_that_does_not_exist_is_named()
    {
        using var console = new ReadableConsoleWriter();
        var missing = Path.Combine(_folder.Path, "missing.json");

        var exitCode = await new LocalHost(Options("{}") with { Azure = new AzureOptions(missing, "127.0.0.1") }, console.ConsoleWriter).RunAsync(Token);

        Assert.Equal(ExitCodes.NotStarted, exitCode);
        Assert.StartsWith($"The settings file {missing} does not exist.", Assert.Single(console.Faults), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1", "http://127.0.0.1:5100")]
    [InlineData("0.0.0.0", "http://0.0.0.0:5100")]
    [InlineData("10.1.2.3", "http://127.0.0.1:5100;http://10.1.2.3:5100")]
    [InlineData("[::]", "http://[::]:5100")]
    [InlineData("::", "http://[::]:5100")]
    [InlineData("fd00::1", "http://127.0.0.1:5100;http://[fd00::1]:5100")]
    public void Only_the_ingress_listens_beyond_this_machine(string listen, string ingress)
    {
        var (ports, azure) = (new Ports(5100), new AzureOptions(null, listen));

        Assert.Equal(ingress, AzureSettings.Urls(ServiceId.Ingress, ports, azure));
        Assert.Equal("http://127.0.0.1:5102", AzureSettings.Urls(ServiceId.Retrainer, ports, azure));
    }

    private static string Settings(int mailPort, TcpListener azure) => $$"""
        {
          "Ingress": { "Keys": ["{{Key}}"], "Workspaces": ["{{Workspace}}"] },
          "Mail": { "Host": "127.0.0.1", "Port": {{mailPort}}, "From": "ml@example.com", "Security": "None" },
          "AzureML": { "Endpoint": "https://127.0.0.1:{{((IPEndPoint)azure.LocalEndpoint).Port}}/", "Workspaces": ["{{Workspace}}"] }
        }
        """;

    private HostOptions Options(string settings)
    {
        var file = _folder.Write("settings.json", settings);
        return new HostOptions(
            Once: false,
            PlayScenario: false,
            ReportFile: null,
            Path.Combine(_folder.Path, "rules"),
            Path.Combine(_folder.Path, "data"),
            _ports.Base,
            Path.Combine(_folder.Path, "components"),
            Daprd: null)
        { Azure = new AzureOptions(file, "127.0.0.1") };
    }

    private async Task<string> StartAsync(string settings)
    {
        await using var environment = new LocalEnvironment(Options(settings), _ports);
        return (await Assert.ThrowsAsync<StartException>(() => environment.StartAsync(Token))).Message;
    }

    private async Task PostAsync(string id)
    {
        using var http = new HttpClient();
        using var body = new StringContent(
            $$"""
            [{"id":"{{id}}","topic":"{{Workspace}}","subject":"experiments/e/runs/r","eventType":"Microsoft.MachineLearningServices.RunStatusChanged",
              "eventTime":"2026-11-01T12:00:00Z","dataVersion":"1.0","metadataVersion":"1","data":{"runId":"r","runStatus":"Failed"} }]
            """,
            Encoding.UTF8,
            "application/json");
        body.Headers.Add("aeg-event-type", "Notification");
        using var answer = await http.PostAsync(new Uri($"http://127.0.0.1:{_ports.For(ServiceId.Ingress)}/events?code={Key}"), body, Token);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }
}
