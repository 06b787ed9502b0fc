using System.Text.RegularExpressions;

using MLEvents.Tests.Common;

namespace MLEvents.Architecture;

/// <summary>For each command of the documents, a test runs the command, or this file states why no test can run it.</summary>
public sealed class CommandTests
{
    // A command, and the test that runs it (file, method) or the reason why no test can.
    private static readonly (string Pattern, string By)[] Known =
    [
        ("^dotnet run --project deploy/local/Host$", "tests/EndToEnd/StopTests.cs Ctrl_C_in_the_middle_of_a_chain_ends_everything_within_5_s"),
        ("^dotnet run --project deploy/local/Host -- --once$", "tests/EndToEnd/OnceTests.cs The_option_once_plays_the_loop_prints_each_step_writes_a_report_and_exits_with_0"),
        ("^dotnet run --project deploy/local/Verify -- --rollouts ", "tests/Verify/ShortVerificationTests.cs Roll_outs_follow_their_rules_while_processes_are_killed"),
        ("^dotnet run --project deploy/local/Verify -- --storm ", "tests/Verify/ShortVerificationTests.cs A_storm_exceeds_no_limit_and_loses_no_event_while_processes_are_killed"),
        ("^dotnet run .*--project deploy/local/Verify", "tests/Verify/ShortVerificationTests.cs No_action_is_lost_or_duplicated_while_processes_are_killed"),
        ("^dotnet run --project tools/Cli -- send ", "tests/Containers/SystemTests.cs When_a_replica_of_each_subscriber_is_killed_nothing_is_lost_and_no_job_is_duplicated"),
        ("^dotnet run --project tools/Cli -- filter ", "tests/Manifests/Azure/BicepTests.cs The_parameter_file_contains_the_filter_that_mlevents_prints"),
        ("^(dotnet run --project tools/Cli --|mlevents) actions ", "tests/Cli.Tests/ActionsCommandTests.cs"),
        ("^(dotnet run --project tools/Cli --|mlevents) (quarantine|dead-letters) ", "tests/Cli.Tests/StoredMessagesCommandTests.cs"),
        ("^dotnet (pack tools/Cli|tool install mlevents) ", "tests/Cli.Tests/PackedToolTests.cs The_packed_tool_is_small_installs_and_runs"),
        ("^mlevents rules check ", "tests/Cli.Tests/Rules/CheckTests.cs"),
        ("^mlevents rules test ", "tests/Cli.Tests/Rules/TestTests.cs"),
        ("^mlevents rules backtest ", "tests/Cli.Tests/Rules/BacktestTests.cs"),
        ("^mlevents rules schema ", "tests/Cli.Tests/Rules/SchemaTests.cs"),
        ("^mlevents filter ", "tests/Cli.Tests/Filters/FilterTests.cs"),
        ("^mlevents explain ", "tests/Cli.Tests/ExplainCommandTests.cs"),
        ("^dotnet run --project services/Dashboard -- --rebuild ", "tests/Dashboard.Tests/Rebuilding/RebuildTests.cs The_archive_and_the_ledgers_fill_an_empty_history_and_a_repetition_adds_nothing"),
        ("^mlevents send ", "tests/Cli.Tests/Sending/SendTests.cs"),
        ("^dotnet run --project tests/Containers", "tests/Containers/StartTests.cs An_image_is_small_starts_quickly_and_runs_as_a_user_without_privileges_on_a_read_only_file_system"),
        (@"^kubectl kustomize [^|]* \\?\| kubectl apply -f -$", "tests/Manifests/Kubernetes/OverlayTests.cs Every_object_is_valid_and_in_the_namespace"),
        ("^FUZZ_SECONDS=300 dotnet test --filter-class ", "tests/Events.Tests/EventFuzzTests.cs Mutated_bodies_of_the_webhook_are_read_or_refused_with_a_message"),
        ("^mlevents approvals list$", "tests/Cli.Tests/ApprovalsCommandTests.cs List_prints_a_line_for_each_open_question"),
        ("^mlevents approvals (approve|reject) ", "tests/Cli.Tests/ApprovalsCommandTests.cs A_decision_is_sent_with_its_comment_and_a_refusal_is_printed"),
        ("^mlevents deployments rollback ", "tests/Cli.Tests/DeploymentsCommandTests.cs Rollback_prints_the_action_and_sends_its_options"),
        ("^mlevents deployments start ", "tests/Cli.Tests/DeploymentsCommandTests.cs Start_prints_the_action"),
        ("^mlevents (login|logout)", "tests/Cli.Tests/LoginTests.cs A_login_by_device_code_is_stored_for_its_owner_and_sent_to_the_services"),
        ("^deploy/event-grid/entra.sh ", "tests/Manifests/Azure/EntraScriptTests.cs Event_Grid_and_the_user_get_the_role_of_the_webhook_application"),
        ("deploy/event-grid/subscribe.sh entra ", "tests/Manifests/Azure/SubscribeScriptTests.cs An_entra_subscription_with_a_key_has_the_key_and_the_application"),
        ("deploy/event-grid/subscribe.sh webhook ", "tests/Manifests/Azure/SubscribeScriptTests.cs A_webhook_subscription_is_created_with_its_key_after_the_providers_are_registered"),
        ("^(deploy/containers/create-tokens.sh && )?docker compose up --build$", "tests/Containers/ComposeTests.cs The_compose_file_starts_and_one_drift_leads_to_one_deployment"),
        ("^curl -X PUT .*SUBSCRIPTION", "tests/Containers/SystemTests.cs When_a_replica_of_each_subscriber_is_killed_nothing_is_lost_and_no_job_is_duplicated"),
        ("^curl -X POST .*/simulate/drift$", "tests/Containers/SystemTests.cs When_a_replica_of_each_subscriber_is_killed_nothing_is_lost_and_no_job_is_duplicated"),
        ("^curl .*/timeline$", "tests/Containers/SystemTests.cs When_a_replica_of_each_subscriber_is_killed_nothing_is_lost_and_no_job_is_duplicated"),
        ("^(export MLEVENTS_IMAGE_DIGESTS=.*)?deploy/containers/pin-images.sh ", "tests/Manifests/Containers/PinImagesTests.cs Every_third_party_image_of_the_repository_gets_a_digest"),
        ("^deploy/aks/rules.sh ", "tests/Manifests/Kubernetes/RulesScriptTests.cs"),
        ("^dotnet run --project tests/Rules.Tests ", ".ci/run runs all tests"),
        ("^dotnet (build|test)( --filter-not-trait .*)?$", ".ci/run runs it"),

        ("^dotnet publish deploy/local/Host ", "takes minutes, and writes to /opt"),
        ("^docker (build|run) .*mlevents/host:", "needs the base images of Microsoft's registry"),
        ("^git clone ", "needs the address of the repository"),
        ("^dotnet format ", "takes a minute; run before each push"),
        ("^dotnet run -c Release --project tests/Benchmarks", "takes minutes and needs a machine of its own"),
        ("^DAPRD=", "needs daprd"),
        ("^(dotnet build && )?dapr run ", "needs the Dapr CLI; tests/Manifests/DaprYamlTests.cs reads the file"),
        ("^export TEAMS_WEBHOOK_URL", "belongs to dapr run"),
        (@"^kubectl kustomize .*\| kubectl apply", "needs a cluster"),
        ("^docker compose run .* dashboard --rebuild ", "needs the images; tests/Dashboard.Tests/Rebuilding/RebuildTests.cs runs the command of the program"),
        (@"^(\w+=\S+ )*az ", "needs Azure; tests/Manifests/Azure/BicepTests.cs compiles the templates"),
    ];

    public static TheoryData<string> Commands => [.. DocumentedCommand.All.Select(command => $"{command}")];

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_documented_command_is_run_by_a_test_or_cannot_run_here(string command)
    {
        var text = command.Split(": ", 2)[1];

        Assert.True(Known.Any(known => Regex.IsMatch(text, known.Pattern)), $"No test runs '{text}' of {command.Split(": ", 2)[0]}: add a test, or the reason why none can run it, to {nameof(Known)}.");
    }

    [Fact]
    public void The_named_tests_exist()
    {
        foreach (var parts in Known.Where(known => known.By.StartsWith("tests/", StringComparison.Ordinal)).Select(known => known.By.Split(' ')))
        {
            var source = File.ReadAllText(Repository.PathOf(parts[0]));

            Assert.All(parts[1..], method => Assert.Contains($" {method}(", source, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Every_known_pattern_matches_a_documented_command() =>
        Assert.All(Known, known => Assert.Contains(DocumentedCommand.All, command => Regex.IsMatch(command.Text, known.Pattern)));
}
