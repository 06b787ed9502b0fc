using System.Diagnostics;
using System.Text.Json.Nodes;

using MLEvents.Events;

namespace MLEvents.Manifests.Azure;

/// <summary>Runs deploy/event-grid/subscribe.sh with an <c>az</c> that only records its arguments.</summary>
public sealed class SubscribeScriptTests : IDisposable
{
    private const string Workspace = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w";
    private static readonly string[] Types =
    [
        EventTypes.DatasetDriftDetected, EventTypes.ModelDeployed, EventTypes.ModelRegistered, EventTypes.RunCompleted, EventTypes.RunStatusChanged,
    ];

    private readonly TempFolder _folder = new();
    private string _errors = "";

    public SubscribeScriptTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The script is for bash.");
        _folder.AddProgram("az", "echo \"$@\" >> \"$(dirname \"$0\")/asked\"; printf '%s\\n' \"$@\" > \"$(dirname \"$0\")/arguments\"");
        _folder.AddProgram("mlevents", $"exec dotnet '{CommandLineTool.Program}' \"$@\"");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_webhook_subscription_is_created_with_its_key_after_the_providers_are_registered()
    {
        var (exitCode, asked) = await RunAsync(["webhook", Workspace, "https://h/events"], ("WEBHOOK_KEY", "0123456789abcdef"));

        Assert.Equal(0, exitCode);
        Assert.Equal(["provider register --namespace Microsoft.EventGrid --wait", "provider register --namespace Microsoft.MachineLearningServices --wait"], asked[..2]);
        Assert.Contains($"--source-resource-id {Workspace}", asked[2], StringComparison.Ordinal);
        Assert.Contains("--endpoint-type webhook --endpoint https://h/events?code=0123456789abcdef", asked[2], StringComparison.Ordinal);
        Assert.Contains($"--included-event-types {string.Join(' ', Types)} --max-delivery-attempts 30 --event-ttl 1440", asked[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_entra_subscription_has_tenant_and_application_and_needs_no_key()
    {
        var (_, asked) = await RunAsync(["entra", Workspace, "https://h/events", "tenant", "api://app"]);

        Assert.Contains("--endpoint https://h/events --max", asked[2], StringComparison.Ordinal);
        Assert.Contains("--azure-active-directory-tenant-id tenant --azure-active-directory-application-id-or-uri api://app", asked[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_entra_subscription_with_a_key_has_the_key_and_the_application()
    {
        var (_, asked) = await RunAsync(["entra", Workspace, "https://h/events", "tenant", "api://app"], ("WEBHOOK_KEY", "0123456789abcdef"));

        Assert.Contains("--endpoint https://h/events?code=0123456789abcdef --max", asked[2], StringComparison.Ordinal);
        Assert.Contains("--azure-active-directory-application-id-or-uri api://app", asked[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_hub_subscription_accepts_a_dead_letter_container_and_needs_no_key()
    {
        var (_, asked) = await RunAsync(["eventhub", Workspace, "/hub"], ("DEAD_LETTER_CONTAINER", "/container"));

        Assert.EndsWith("--endpoint-type eventhub --endpoint /hub --deadletter-endpoint /container", asked[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_filter_contains_what_the_rules_select()
    {
        _folder.Write("rules/alerts.yaml", """
            alerts:
              - name: deployed
                when:
                  includedEventTypes: [ModelDeployed]
                  advancedFilters: [{ operatorType: StringIn, key: data.serviceName, values: [it's live, churn] }]
                send: { channel: email, to: [ml-team@example.com] }
            """);

        await RunAsync(["eventhub", Workspace, "/hub"], ("RULES", Path.Combine(_folder.Path, "rules")));

        var arguments = await File.ReadAllLinesAsync(Path.Combine(_folder.Path, "arguments"), TestContext.Current.CancellationToken);
        var filter = arguments.SkipWhile(argument => argument != "--included-event-types").TakeWhile(argument => argument != "--max-delivery-attempts");
        Assert.Equal(["--included-event-types", EventTypes.ModelDeployed, "--advanced-filter", "data.serviceName", "StringIn", "it's live", "churn"], filter);
    }

    [Fact]
    public async Task Values_with_spaces_quotes_and_shell_syntax_are_passed_unchanged_and_filters_that_az_does_not_accept_are_reported()
    {
        _folder.Write("rules/alerts.yaml", """
            alerts:
              - name: deployed
                when:
                  includedEventTypes: [ModelDeployed]
                  subjectBeginsWith: -old endpoints/
                  advancedFilters:
                    - { operatorType: StringIn, key: data.serviceName, values: ["it's live", "$(touch injected)", "`touch injected`", "a;b|c&d", "x=\"y\""] }
                    - { operatorType: NumberGreaterThan, key: data.score, value: -10.5 }
                    - { operatorType: NumberInRange, key: data.score, values: [[-10.5, -2]] }
                    - { operatorType: NumberInRange, key: data.n, values: [[0.5, 2], [4, 5]] }
                    - { operatorType: StringContains, key: data.tag, values: [--endpoint] }
                send: { channel: email, to: [ml-team@example.com] }
            """);

        var (exitCode, _) = await RunAsync(["eventhub", Workspace, "/hub"], ("RULES", Path.Combine(_folder.Path, "rules")));

        var arguments = await File.ReadAllLinesAsync(Path.Combine(_folder.Path, "arguments"), TestContext.Current.CancellationToken);
        Assert.Equal(0, exitCode);
        Assert.Equal(
            [
                "--included-event-types", EventTypes.ModelDeployed, "--subject-begins-with=-old endpoints/",
                "--advanced-filter", "data.score", "NumberGreaterThan", "-10.5",
                "--advanced-filter", "data.n", "NumberInRange", "0.5,2", "4,5",
                "--advanced-filter", "data.serviceName", "StringIn", "it's live", "$(touch injected)", "`touch injected`", "a;b|c&d", "x=\"y\"",
            ],
            arguments.SkipWhile(argument => argument != "--included-event-types").TakeWhile(argument => argument != "--max-delivery-attempts"));
        Assert.Contains("the filter 'data.score NumberInRange' is left out, because az does not accept the value '-10.5,-2'", _errors, StringComparison.Ordinal);
        Assert.Contains("the filter 'data.tag StringContains' is left out", _errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0123456789abcdef+/&=%#", "0123456789abcdef%2B%2F%26%3D%25%23")]
    [InlineData("schlüssel-1234567-a b", "schl%C3%BCssel-1234567-a%20b")]
    public async Task The_key_is_encoded_in_the_address(string key, string written)
    {
        var (_, asked) = await RunAsync(["webhook", Workspace, "https://h/events"], ("WEBHOOK_KEY", key));

        Assert.Contains($"--endpoint https://h/events?code={written} --max", asked[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task WAKE_adds_the_events_that_continue_a_retraining()
    {
        _folder.Write("rules/alerts.yaml", "alerts: [{ name: deployed, when: { includedEventTypes: [ModelDeployed] }, send: { channel: email, to: [ml-team@example.com] } }]");

        var (_, asked) = await RunAsync(["eventhub", Workspace, "/hub"], ("RULES", Path.Combine(_folder.Path, "rules")), ("WAKE", "1"));

        Assert.Contains($"--included-event-types {EventTypes.ModelDeployed} {EventTypes.RunCompleted} {EventTypes.RunStatusChanged} --max", asked[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_invalid_rule_makes_no_change()
    {
        _folder.Write("rules/alerts.yaml", "alerts: [{ nmae: broken }]");

        var (exitCode, asked) = await RunAsync(["eventhub", Workspace, "/hub"], ("RULES", Path.Combine(_folder.Path, "rules")));

        Assert.NotEqual(0, exitCode);
        Assert.Empty(asked);
    }

    [Theory]
    [InlineData("webhook", Workspace, "https://h/events")]
    [InlineData("queue", Workspace, "target")]
    [InlineData("webhook")]
    public async Task Invalid_arguments_make_no_change(params string[] arguments)
    {
        var (exitCode, asked) = await RunAsync(arguments);

        Assert.NotEqual(0, exitCode);
        Assert.Empty(asked);
    }

    [Fact]
    public void The_simulator_subscription_has_the_event_types_of_the_rules() =>
        Assert.Equal(
            Types,
            JsonNode.Parse(File.ReadAllText(Repository.PathOf("deploy/event-grid/simulator-subscription.json")))?["properties"]?["filter"]?["includedEventTypes"]?.AsArray().Select(type => $"{type}").Order());

    private async Task<(int ExitCode, string[] Asked)> RunAsync(string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("bash", [Repository.PathOf("deploy/event-grid/subscribe.sh"), .. arguments]);
        start.Environment["PATH"] = $"{_folder.Path}:{Environment.GetEnvironmentVariable("PATH")}";
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var run = await ProgramRun.RunAsync(start, TestContext.Current.CancellationToken);
        _errors = run.Error;
        var file = Path.Combine(_folder.Path, "asked");
        return (run.ExitCode, File.Exists(file) ? await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken) : []);
    }
}
