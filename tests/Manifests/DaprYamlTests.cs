using MLEvents.Manifests.Components;

namespace MLEvents.Manifests;

/// <summary>Checks dapr.yaml, the file of <c>dapr run -f .</c>.</summary>
public sealed class DaprYamlTests
{
    private static readonly Node File = Node.Read("dapr.yaml");

    public static TheoryData<string> Apps => [.. File["apps"].Items.Select(app => app["appID"].Text)];

    [Fact]
    public void All_services_and_the_simulator_run() =>
        Assert.Equal([.. ComponentFile.Apps, "simulator"], File["apps"].Items.Select(app => app["appID"].Text));

    [Fact]
    public void The_dapr_cli_knows_every_key()
    {
        string[] common = ["resourcesPath", "configFilePath", "appDirPath", "appMaxConcurrency", "env"];
        string[] app = ["appID", "appPort", "daprHTTPPort", "daprGRPCPort", "env", "command"];

        Assert.Equal("1", File["version"].Text);
        Assert.Equal(common, File["common"].Map.Keys);
        Assert.All(File["apps"].Items, item => Assert.Equal(app, item.Map.Keys));
        Assert.True(Directory.Exists(Repository.PathOf(File["common"]["resourcesPath"].Text)));
    }

    [Theory]
    [MemberData(nameof(Apps))]
    public void An_app_is_a_program_of_this_solution_and_listens_on_its_app_port(string app)
    {
        var item = Assert.Single(File["apps"].Items, item => item["appID"].Text == app);
        var parts = item["command"].Texts[1].Split('/');
        var project = Directory.EnumerateFiles(Repository.Root, parts[2] + ".csproj", SearchOption.AllDirectories).Single(file => !file.Contains("/tests/", StringComparison.Ordinal));

        Assert.Equal(["artifacts", "bin", parts[2], "debug"], parts[..4]);
        Assert.Contains($"<AssemblyName>{Path.GetFileNameWithoutExtension(parts[4])}</AssemblyName>", System.IO.File.ReadAllText(project), StringComparison.Ordinal);
        Assert.Equal($"http://127.0.0.1:{item["appPort"].Text}", item["env"]["ASPNETCORE_URLS"].Text);
    }

    [Fact]
    public void Services_accept_only_loopback_host_names_and_continue_the_work_of_a_killed_process_at_once()
    {
        Assert.Equal("localhost;127.0.0.1;[::1]", File["common"]["env"]["AllowedHosts"].Text);
        Assert.Equal(".local/instances", File["common"]["env"]["Ledger__InstanceDirectory"].Text);
    }

    [Fact]
    public void Daprd_makes_one_call_at_a_time_because_with_overlapping_calls_it_can_acknowledge_a_message_that_the_service_did_not_answer() =>
        Assert.Equal("1", File["common"]["appMaxConcurrency"].Text);

    [Fact]
    public void Services_receive_single_messages_because_bulk_subscriptions_with_redis_lose_messages_when_daprd_stops() =>
        Assert.Equal("false", File["common"]["env"]["Delivery__Bulk"].Text);

    [Theory]
    [InlineData("deploy/local/dapr-run.yaml")]
    [InlineData("deploy/containers/tracing.yaml")]
    public void A_sidecar_returns_no_secrets_and_keeps_the_trace_context(string file)
    {
        var specification = Node.Read(file)["spec"];
        var scope = Assert.Single(specification["secrets"]["scopes"].Items);

        Assert.Equal(("secretstore", "deny"), (scope["storeName"].Text, scope["defaultAccess"].Text));
        Assert.Equal("1", specification["tracing"]["samplingRate"].Text);
        Assert.Equal("deploy/local/dapr-run.yaml", File["common"]["configFilePath"].Text);
    }

    [Fact]
    public void Ports_are_unique()
    {
        var ports = File["apps"].Items.SelectMany(app => new[] { app["appPort"], app["daprHTTPPort"], app["daprGRPCPort"] }).Select(port => port.Text).ToList();

        Assert.Equal(ports.Distinct(), ports);
    }
}
