namespace MLEvents.Local.Host.Tests;

public sealed class HostCommandTests
{
    [Fact]
    public async Task By_default_the_host_plays_a_scenario_with_the_sample_rules_from_port_5100_on()
    {
        var options = await ReadAsync("");

        Assert.Equal(new HostOptions(Once: false, PlayScenario: true, null, TestData.RepositoryPaths.Rules, TestData.RepositoryPaths.Data, 5100, TestData.RepositoryPaths.Components, Daprd: null), options);
    }

    [Fact]
    public async Task The_options_are_read_and_relative_paths_become_absolute()
    {
        var options = await ReadAsync("--once --report r.json --rules r --data d --port-base 1024 --components c");

        Assert.Equal(new HostOptions(Once: true, PlayScenario: true, Path.GetFullPath("r.json"), Path.GetFullPath("r"), Path.GetFullPath("d"), 1024, Path.GetFullPath("c"), Daprd: null), options);
    }

    [Theory]
    [InlineData("--scenario canary", "canary", "rules/scenarios/canary")]
    [InlineData("--scenario drift-storm", "drift-storm", "rules/scenarios/drift-storm")]
    [InlineData("--scenario bad-model", "bad-model", "rules/scenarios/canary")]
    [InlineData("--scenario loop", "loop", "rules")]
    public async Task Each_scenario_selects_its_rules_folder(string line, string name, string rules)
    {
        var options = await ReadAsync(line);

        Assert.Equal((name, Path.Combine(TestData.RepositoryPaths.Root, rules)), (options?.Scenario.Name, options?.RulesDirectory));
    }

    [Fact]
    public async Task An_explicit_rules_folder_replaces_the_rules_of_a_scenario() => Assert.Equal(Path.GetFullPath("r"), (await ReadAsync("--scenario canary --rules r"))?.RulesDirectory);

    [Fact]
    public async Task No_scenario_is_played_if_the_command_line_says_so() => Assert.False((await ReadAsync("--no-scenario"))?.PlayScenario);

    [Fact]
    public async Task With_daprd_the_host_uses_the_program_that_DAPRD_names_and_the_components_for_Redis()
    {
        var options = await ReadAsync("--dapr daprd");

        Assert.Equal((Environment.GetEnvironmentVariable("DAPRD") ?? "daprd", TestData.RepositoryPaths.RedisComponents), (options?.Daprd, options?.ComponentsDirectory));
    }

    [Fact]
    public async Task For_a_real_workspace_no_scenario_is_played_and_by_default_the_webhook_listens_on_this_machine_only()
    {
        var options = await ReadAsync("--azure");

        Assert.Equal((false, new AzureOptions(null, "127.0.0.1")), (options?.PlayScenario, options?.Azure));
    }

    [Fact]
    public async Task A_real_workspace_has_a_settings_file_and_an_address_for_the_webhook()
    {
        var options = await ReadAsync("--azure --settings s.json --listen 0.0.0.0");

        Assert.Equal(new AzureOptions(Path.GetFullPath("s.json"), "0.0.0.0"), options?.Azure);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("--azure", true)]
    [InlineData("--azure=true", true)]
    [InlineData("--azure=false", false)]
    public void The_process_waits_longer_than_the_environment_may_take_to_stop(string line, bool isForAzure)
    {
        var command = HostCommand.Create(TestData.RepositoryPaths, (_, _) => Task.FromResult(0));

        var stopTime = HostCommand.StopTimeOf(command.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)));

        Assert.Equal((isForAzure ? LocalEnvironment.StopWithinForAzure : LocalEnvironment.StopWithin) + TimeSpan.FromMilliseconds(500), stopTime);
    }

    [Theory]
    [InlineData("--azure --once", "--once cannot be used with --azure.")]
    [InlineData("--azure --no-scenario", "--no-scenario cannot be used with --azure.")]
    [InlineData("--azure --report r.json", "--report cannot be used with --azure.")]
    [InlineData("--azure --scenario canary", "--scenario cannot be used with --azure.")]
    [InlineData("--scenario opera", "'opera'")]
    [InlineData("--scenario canary --no-scenario", "cannot be used with --no-scenario")]
    [InlineData("--azure --dapr daprd", "--dapr cannot be used with --azure.")]
    [InlineData("--settings s.json", "--settings can be used only with --azure.")]
    [InlineData("--listen 0.0.0.0", "--listen can be used only with --azure.")]
    [InlineData("--azure --listen everywhere", "--listen must be an IP address")]
    [InlineData("--dapr dapper", "'dapper'")]
    [InlineData("--port-base 1023", "--port-base must be 1024 to 65000, not 1023.")]
    [InlineData("--port-base 65001", "--port-base must be 1024 to 65000, not 65001.")]
    [InlineData("--port-base many", "--port-base")]
    [InlineData("--once --no-scenario", "cannot be used with --no-scenario")]
    [InlineData("--scenario approval --no-scenario", "cannot be used with --no-scenario")]
    [InlineData("--azure --scenario approval", "--scenario cannot be used with --azure.")]
    [InlineData("--report r.json --no-scenario", "cannot be used with --no-scenario")]
    [InlineData("--forever", "'--forever'")]
    [InlineData("--data", "--data")]
    public async Task An_invalid_command_line_is_reported_in_one_line_with_exit_code_2(string line, string message)
    {
        var (exitCode, output, error) = await RunAsync(line.Split(' '));

        Assert.Equal(2, exitCode);
        Assert.Contains(message, Assert.Single(error), StringComparison.Ordinal);
        Assert.Empty(output);
    }

    [Fact]
    public async Task An_empty_folder_name_is_refused_as_well()
    {
        var (exitCode, _, error) = await RunAsync("--data", "");

        Assert.Equal(2, exitCode);
        Assert.Single(error);
    }

    [Fact]
    public async Task Help_lists_the_exit_codes()
    {
        var (exitCode, output, _) = await RunAsync("--help");

        Assert.Equal(0, exitCode);
        Assert.Contains("Exit codes: 0", string.Join(' ', output), StringComparison.Ordinal);
    }

    private static async Task<HostOptions?> ReadAsync(string line)
    {
        HostOptions? read = null;
        var command = HostCommand.Create(TestData.RepositoryPaths, (options, _) =>
        {
            read = options;
            return Task.FromResult(0);
        });
        await command.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).InvokeAsync(null, TestContext.Current.CancellationToken);
        return read;
    }

    private static async Task<(int ExitCode, string[] Output, string[] Error)> RunAsync(params string[] args)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var exitCode = await HostCommand.RunAsync(args, output, error);
        return (exitCode, Lines(output), Lines(error));
    }

    private static string[] Lines(StringWriter writer) => writer.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
}
