using MLEvents.Manifests.Components;

namespace MLEvents.Manifests.Containers;

/// <summary>The containers of docker-compose.yml.</summary>
public sealed class ComposeTests
{
    private static readonly Node File = Node.Read("docker-compose.yml");

    public static TheoryData<string> Containers => [.. File["services"].Map.Keys];

    public static TheoryData<string> Apps => [.. ComponentFile.Apps];

    [Theory]
    [InlineData(".env")]
    [InlineData("deploy/containers/azure.env")]
    public async Task Compose_accepts_the_file(string settings)
    {
        using var folder = new TempFolder();
        var settingsWithTokens = folder.Write("compose.env", $"{await System.IO.File.ReadAllTextAsync(Repository.PathOf(settings), TestContext.Current.CancellationToken)}\nMLEVENTS_TOKENS={folder.Write("tokens.env", "APP_API_TOKEN=a\nDAPR_API_TOKEN=b\n")}\n");
        string[] arguments = ["--env-file", settingsWithTokens, "config", "--quiet"];
        var result = await Tool.TryRunAsync("docker-compose", arguments) ?? await PluginAsync(arguments);

        Assert.SkipWhen(result is null, "docker-compose is not installed.");
        Assert.True(result?.ExitCode == 0, result?.Error);
    }

    [Theory]
    [MemberData(nameof(Containers))]
    public void A_container_has_no_privileges_and_a_memory_limit(string name)
    {
        var container = File["services"][name];

        Assert.Equal("true", container["read_only"].Text);
        Assert.Equal(["ALL"], container["cap_drop"].Texts);
        Assert.Equal(["no-new-privileges:true"], container["security_opt"].Texts);
        Assert.Matches("^[0-9]+m$", container["mem_limit"].Text);
        Assert.Matches("^[1-9][0-9]+:[1-9][0-9]+$", container["user"].Text);
        Assert.False(container["privileged"].Exists);
    }

    [Theory]
    [InlineData("notifier")]
    [InlineData("retrainer")]
    [InlineData("deployer")]
    public void The_services_that_act_share_a_volume_for_lock_files_and_their_user_owns_the_volume(string name)
    {
        Assert.Equal("/instances", File["services"][name]["environment"]["Ledger__InstanceDirectory"].Text);
        Assert.Contains("instances:/instances", File["services"][name]["volumes"].Texts);
        Assert.Contains($"uid={File["services"][name]["user"].Text.Split(':')[0]},", File["volumes"]["instances"]["driver_opts"]["o"].Text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Apps))]
    public void A_service_receives_single_messages_because_bulk_subscriptions_with_redis_lose_messages_when_daprd_stops(string app) =>
        Assert.Equal("false", File["services"][app]["environment"]["Delivery__Bulk"].Text);

    [Theory]
    [MemberData(nameof(Containers))]
    public void An_image_has_a_version(string name) =>
        Assert.Matches(@"^[a-z0-9./-]+:[0-9]+\.[0-9]+", File["services"][name]["image"].Text);

    [Theory]
    [MemberData(nameof(Containers))]
    public void A_long_running_container_has_a_health_check(string name)
    {
        // The images of daprd and of the pod have no program for a health check, and 'subscribe' makes one call and ends. The readiness of a service covers its sidecar.
        var withoutCheck = name.EndsWith("-dapr", StringComparison.Ordinal) || name is "pod" or "subscribe";

        Assert.NotEqual(withoutCheck, File["services"][name]["healthcheck"].Exists);
    }

    [Theory]
    [MemberData(nameof(Containers))]
    public void A_container_waits_until_its_dependencies_are_healthy(string name) =>
        Assert.All(File["services"][name]["depends_on"].Map, dependency =>
        {
            Assert.Equal("service_healthy", dependency.Value["condition"].Text);
            Assert.True(File["services"][dependency.Key]["healthcheck"].Exists, dependency.Key);
        });

    [Theory]
    [MemberData(nameof(Apps))]
    public void A_service_calls_the_ports_of_its_sidecar(string app)
    {
        var service = File["services"][app];
        var flags = Flags(File["services"][app + "-dapr"]["command"].Texts);

        Assert.Equal(app, flags["--app-id"]);
        Assert.EndsWith($":{flags["--app-port"]}", service["environment"]["ASPNETCORE_URLS"].Text, StringComparison.Ordinal);
        Assert.Equal($"http://127.0.0.1:{flags["--dapr-http-port"]}", service["environment"]["DAPR_HTTP_ENDPOINT"].Text);
        Assert.Equal($"http://127.0.0.1:{flags["--dapr-grpc-port"]}", service["environment"]["DAPR_GRPC_ENDPOINT"].Text);
        Assert.EndsWith($":{flags["--app-port"]}/readyz", service["healthcheck"]["test"].Texts[^1], StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Apps))]
    public void A_sidecar_makes_one_call_at_a_time_to_its_service_and_listens_on_loopback(string app)
    {
        var flags = Flags(File["services"][app + "-dapr"]["command"].Texts);

        Assert.Equal("1", flags["--app-max-concurrency"]);
        Assert.All(
            ["--dapr-listen-addresses", "--dapr-internal-grpc-listen-address", "--metrics-listen-address"],
            flag => Assert.Equal("127.0.0.1", flags[flag]));
    }

    [Theory]
    [MemberData(nameof(Apps))]
    public void A_service_reads_the_operations_token_from_the_environment(string app) =>
        Assert.Equal("${MLEVENTS_OPERATIONS_TOKEN:-local-development-key}", File["services"][app]["environment"]["Operations__Token"].Text);

    [Theory]
    [MemberData(nameof(Apps))]
    public void A_service_and_its_sidecar_read_the_same_token_file(string app)
    {
        const string tokens = "${MLEVENTS_TOKENS:-deploy/containers/tokens.env}";

        Assert.Equal([tokens], File["services"][app]["env_file"].Texts);
        Assert.Equal([tokens], File["services"][app + "-dapr"]["env_file"].Texts);
    }

    [Fact]
    public async Task The_token_script_creates_two_random_tokens_that_only_the_owner_can_read_and_keeps_existing_tokens()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The script requires bash.");
        using var folder = new TempFolder();
        var file = Path.Combine(folder.Path, "tokens.env");

        var first = await CreateTokensAsync(file);
        var second = await CreateTokensAsync(file);

        Assert.Matches("^APP_API_TOKEN=[0-9a-f]{64}\nDAPR_API_TOKEN=[0-9a-f]{64}\n$", first);
        Assert.Equal(first, second);
        Assert.NotEqual(first.Split('\n')[0].Split('=')[1], first.Split('\n')[1].Split('=')[1]);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, OperatingSystem.IsWindows() ? default : System.IO.File.GetUnixFileMode(file));
    }

    [Fact]
    public void Ports_are_published_on_loopback_only()
    {
        var published = File["services"].Map.Values.SelectMany(container => container["ports"].Texts).ToList();

        // The five services, the simulator and the trace viewer. No sidecar, broker or database.
        Assert.Equal(
            ["127.0.0.1:5100:5100", "127.0.0.1:5101:5101", "127.0.0.1:5102:5102", "127.0.0.1:5103:5103", "127.0.0.1:5104:5104", "127.0.0.1:5110:5110", "127.0.0.1:16686:16686"], published);
    }

    [Theory]
    [MemberData(nameof(Apps))]
    public void By_default_a_service_accepts_only_requests_to_loopback_host_names(string app) =>
        Assert.Equal("${MLEVENTS_ALLOWED_HOSTS:-localhost;127.0.0.1;[::1]}", File["services"][app]["environment"]["AllowedHosts"].Text);

    [Fact]
    public void No_two_sidecars_share_a_port()
    {
        var ports = ComponentFile.Apps.SelectMany(app => Flags(File["services"][app + "-dapr"]["command"].Texts))
            .Where(flag => flag.Key.EndsWith("port", StringComparison.Ordinal)).Select(flag => flag.Value).ToList();

        Assert.Equal(5 * ComponentFile.Apps.Length, ports.Count);
        Assert.Equal(ports.Distinct(), ports);
    }

    [Theory]
    [MemberData(nameof(Containers))]
    public void Mounted_files_exist_and_are_read_only(string name)
    {
        var files = File["services"][name]["volumes"].Texts.Select(volume => volume.Split(':')).Where(parts => parts[0].StartsWith("./", StringComparison.Ordinal));

        Assert.All(files, parts =>
        {
            Assert.True(Path.Exists(Repository.PathOf(parts[0])), parts[0]);
            Assert.Equal("ro", parts[2]);
        });
    }

    [Fact]
    public void The_profile_of_the_simulator_is_off_for_a_real_workspace()
    {
        var simulated = File["services"].Map.Where(container => container.Value["profiles"].Texts.Contains("simulator")).Select(container => container.Key);

        Assert.Equal(["simulator", "subscribe"], simulated);
        Assert.Contains("COMPOSE_PROFILES=simulator", System.IO.File.ReadAllLines(Repository.PathOf(".env")));
        Assert.Contains("COMPOSE_PROFILES=", System.IO.File.ReadAllLines(Repository.PathOf("deploy/containers/azure.env")));
    }

    private static async Task<string> CreateTokensAsync(string file)
    {
        var result = await Tool.RunAsync("bash", "deploy/containers/create-tokens.sh", file);
        Assert.True(result.ExitCode == 0, result.Error);
        return await System.IO.File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
    }

    private static async Task<ProgramRun?> PluginAsync(string[] arguments) =>
        await Tool.TryRunAsync("docker", "compose", "version") is { ExitCode: 0 } ? await Tool.TryRunAsync("docker", ["compose", .. arguments]) : null;

    private static Dictionary<string, string> Flags(IReadOnlyList<string> command) =>
        command.Skip(1).Chunk(2).ToDictionary(pair => pair[0], pair => pair[1]);
}
