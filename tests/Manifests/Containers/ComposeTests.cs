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
    public async Task Compose_itself_accepts_the_file(string settings)
    {
        string[] arguments = ["--env-file", settings, "config", "--quiet"];
        var result = await Tool.TryRunAsync("docker-compose", arguments) ?? await PluginAsync(arguments);

        Assert.SkipWhen(result is null, "docker-compose is not installed: the file is checked by the other tests only.");
        Assert.True(result?.ExitCode == 0, result?.Error);
    }

    [Theory]
    [MemberData(nameof(Containers))]
    public void A_container_may_do_and_take_only_so_much(string name)
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
    [MemberData(nameof(Containers))]
    public void An_image_is_of_one_version(string name) =>
        Assert.Matches(@"^[a-z0-9./-]+:[0-9]+\.[0-9]+", File["services"][name]["image"].Text);

    [Theory]
    [MemberData(nameof(Containers))]
    public void A_container_that_stays_says_how_it_is(string name)
    {
        // These images hold no program that could ask: a sidecar is asked by its service's readiness; the others do nothing.
        var cannot = name.EndsWith("-dapr", StringComparison.Ordinal) || name is "pod" or "subscribe";

        Assert.NotEqual(cannot, File["services"][name]["healthcheck"].Exists);
    }

    [Theory]
    [MemberData(nameof(Containers))]
    public void What_a_container_waits_for_is_waited_for_until_it_is_well(string name) =>
        Assert.All(File["services"][name]["depends_on"].Map, dependency =>
        {
            Assert.Equal("service_healthy", dependency.Value["condition"].Text);
            Assert.True(File["services"][dependency.Key]["healthcheck"].Exists, dependency.Key);
        });

    [Theory]
    [MemberData(nameof(Apps))]
    public void A_service_has_its_sidecar_on_the_ports_it_calls(string app)
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
    public void A_service_gets_the_token_of_operators_from_outside_the_file(string app) =>
        Assert.Equal("${MLEVENTS_OPERATIONS_TOKEN:-local-development-key}", File["services"][app]["environment"]["Operations__Token"].Text);

    [Fact]
    public void Nothing_is_open_to_other_machines()
    {
        var published = File["services"].Map.Values.SelectMany(container => container["ports"].Texts).ToList();

        Assert.Contains("127.0.0.1:5100:5100", published);
        Assert.All(published, port => Assert.StartsWith("127.0.0.1:", port, StringComparison.Ordinal));
    }

    [Fact]
    public void No_two_sidecars_share_a_port()
    {
        var ports = ComponentFile.Apps.SelectMany(app => Flags(File["services"][app + "-dapr"]["command"].Texts))
            .Where(flag => flag.Key.EndsWith("port", StringComparison.Ordinal)).Select(flag => flag.Value).ToList();

        Assert.Equal(20, ports.Count);
        Assert.Equal(ports.Distinct(), ports);
    }

    [Theory]
    [MemberData(nameof(Containers))]
    public void What_is_mounted_is_there(string name)
    {
        var files = File["services"][name]["volumes"].Texts.Select(volume => volume.Split(':')).Where(parts => parts[0].StartsWith("./", StringComparison.Ordinal));

        Assert.All(files, parts =>
        {
            Assert.True(Path.Exists(Repository.PathOf(parts[0])), parts[0]);
            Assert.Equal("ro", parts[2]);
        });
    }

    [Fact]
    public void The_simulator_is_a_profile_that_a_real_workspace_leaves_out()
    {
        var simulated = File["services"].Map.Where(container => container.Value["profiles"].Texts.Contains("simulator")).Select(container => container.Key);

        Assert.Equal(["simulator", "subscribe"], simulated);
        Assert.Contains("COMPOSE_PROFILES=simulator", System.IO.File.ReadAllLines(Repository.PathOf(".env")));
        Assert.Contains("COMPOSE_PROFILES=", System.IO.File.ReadAllLines(Repository.PathOf("deploy/containers/azure.env")));
    }

    private static async Task<ToolResult?> PluginAsync(string[] arguments) =>
        await Tool.TryRunAsync("docker", "compose", "version") is { ExitCode: 0 } ? await Tool.TryRunAsync("docker", ["compose", .. arguments]) : null;

    private static Dictionary<string, string> Flags(IReadOnlyList<string> command) =>
        command.Skip(1).Chunk(2).ToDictionary(pair => pair[0], pair => pair[1]);
}
