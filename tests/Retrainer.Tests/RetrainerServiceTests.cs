using System.Net.Http.Json;
using System.Text.Json;

using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.Retrainer.DataFactory;
using MLEvents.Retrainer.Jobs;
using MLEvents.Retrainer.Runs;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Retrainer.Tests;

/// <summary>The service with its sidecar and the simulator, over HTTP.</summary>
public sealed class RetrainerServiceTests : IAsyncLifetime
{
    private const string Rules = $$$"""
        retraining:
          - name: job
            when: { includedEventTypes: [DatasetDriftDetected], subjectBeginsWith: job }
            run: { pipelineJob: jobs/train.yaml, inputs: { target: "{{ data.targetDatasetId }}" } }
          - name: factory
            when: { includedEventTypes: [DatasetDriftDetected], subjectBeginsWith: factory }
            run: { dataFactory: {{{TestData.Pipeline}}} }
          - name: command
            when: { includedEventTypes: [DatasetDriftDetected], subjectBeginsWith: command }
            run: { job: jobs/command.yaml, inputs: { data: "azureml:{{ data.targetDatasetId }}:2" } }
          - name: limited
            when: { includedEventTypes: [DatasetDriftDetected], subjectBeginsWith: limited }
            run: { pipelineJob: jobs/train.yaml }
            cooldown: { per: "{{ data.monitor }}", for: 6h }
            concurrency: { key: "{{ data.targetDatasetId }}", whenBusy: coalesce }
          - name: approved
            when: { includedEventTypes: [DatasetDriftDetected], subjectBeginsWith: approved }
            run: { pipelineJob: jobs/train.yaml }
            approval: { from: [ml-leads@example.com] }
          - name: dry
            when: { includedEventTypes: [DatasetDriftDetected], subjectBeginsWith: dry }
            run: { pipelineJob: jobs/train.yaml, inputs: { target: "{{ data.targetDatasetId }}" } }
            dryRun: true
          - name: batch
            when: { includedEventTypes: [DatasetDriftDetected], subjectBeginsWith: batch }
            run:
              batchEndpoint: churn-training
              actionInput: run_id
              inputs: { target: "{{ data.targetDatasetId }}", data: { type: uri_folder, path: "azureml:{{ data.targetDatasetId }}:1" } }
          - name: breach
            when: { includedEventTypes: [RunStatusChanged], subjectBeginsWith: breach, advancedFilters: [{ operatorType: StringIn, key: drift.signal, values: [data_drift] }] }
            run:
              pipelineJob: jobs/train.yaml
              inputs: { target: "{{ drift.targetDataset | default: 'unknown' }}" }
              tags: { monitor: "{{ drift.monitor }}", baseline: "{{ drift.baselineDataset | default: 'unknown' }}" }
          - name: again
            when: { includedEventTypes: [RunStatusChanged], not: { subjectBeginsWith: breach } }
            run: { pipelineJob: jobs/train.yaml }

        """;

    private readonly ServiceFixture _fixture = new("retrainer", configure => RetrainerService.Create(["--environment=Development"], configure));
    private SimulatedAzure? _azure;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private SimulatedAzure Azure => _azure ?? throw new InvalidOperationException("The simulator is not started.");

    public async ValueTask InitializeAsync()
    {
        _azure = await SimulatedAzure.StartAsync(Token);
        _fixture.Folder.Write("rules/retraining.yaml", Rules);
        _fixture.Folder.Write("rules/jobs/train.yaml", TestData.Job);
        _fixture.Folder.Write("rules/jobs/command.yaml", """
            command: python train.py --data ${{inputs.data}}
            environment: azureml:train:1
            compute: azureml:cpu-cluster
            inputs:
              data: { type: uri_folder, path: azureml:churn:1, mode: download }
            """);
        UseAzure();
        _fixture.Settings["Retrainer:PollInterval"] = "00:00:00.100";
        _fixture.Settings["Retrainer:RunListingDelay"] = "00:00:00.100";
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _fixture.DisposeAsync();
        }
        finally
        {
            await Azure.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_MonitorJobWait_that_is_not_below_the_HandlerBudget_stops_the_start()
    {
        _fixture.Settings["Retrainer:MonitorJobWait"] = "00:00:05";

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => _fixture.StartServiceAsync(Token));

        Assert.Contains("Retrainer:MonitorJobWait is 00:00:05, but must be below Ledger:HandlerBudget", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_delivered_five_times_at_once_starts_one_job()
    {
        await _fixture.StartAsync(Token);
        var drift = Drift("job");

        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => _fixture.PublishAsync(drift, Token)));

        var end = await _fixture.EndOfAsync("job", drift, Token);
        Assert.Equal("succeeded", end.Status);
        var job = Assert.Single(await Azure.ListAsync("jobs", Token));
        Assert.Equal($"mlevents-{end.ActionId}", job["name"]?.GetValue<string>());
        Assert.Equal("ds-1", job["properties"]?["inputs"]?["target"]?["value"]?.GetValue<string>());
        Assert.Equal(drift.Id, job["properties"]?["tags"]?[Correlation.Tag]?.GetValue<string>());
    }

    [Theory]
    [InlineData("job", "AzureML:Workspaces", 0)]
    [InlineData("batch", "AzureML:Workspaces", 0)]
    [InlineData("factory", "AzureML:Factories", 0)]
    [InlineData("factory", null, 1)]
    public async Task A_run_is_started_only_if_the_settings_allow_its_workspace_or_factory(string rule, string? setting, int calls)
    {
        _fixture.Settings["AzureML:Workspaces:0"] = SimulatedAzure.OtherWorkspace;
        _fixture.Settings["AzureML:Factories:0"] = setting is null ? TestData.Pipeline[..TestData.Pipeline.IndexOf("/pipelines", StringComparison.Ordinal)] : "/subscriptions/*/resourceGroups/other/providers/Microsoft.DataFactory/factories/*";
        await _fixture.StartAsync(Token);
        var drift = Drift(rule);

        await _fixture.PublishAsync(drift, Token);
        var end = await _fixture.EndOfAsync(rule, drift, Token);

        Assert.Equal(setting is null ? "succeeded" : "failed", end.Status);
        Assert.Contains(setting ?? "", end.Detail, StringComparison.Ordinal);
        Assert.Equal(calls, Math.Min(1, await Azure.CallsAsync(Token)));
    }

    [Fact]
    public async Task A_job_that_needs_an_approval_is_submitted_after_the_approval()
    {
        await _fixture.StartAsync(Token);
        var drift = Drift("approved");

        await _fixture.PublishAsync(drift, Token);
        var question = (await _fixture.Service.AskUntilAsync("/approvals", page => page.GetProperty("items").GetArrayLength() == 1, Token)).GetProperty("items")[0];
        var before = await Azure.ListAsync("jobs", Token);
        var id = question.GetProperty("id").GetString();
        var (status, _) = await _fixture.Service.AskAsync(HttpMethod.Post, $"/approvals/{id}/approve", Token);

        Assert.Equal(("start", $"mlevents-{id}"), (question.GetProperty("before").GetString(), question.GetProperty("evidence").GetProperty("job").GetString()));
        Assert.Empty(before);
        Assert.Equal((200, "succeeded"), (status, (await _fixture.EndOfAsync("approved", drift, Token)).Status));
        Assert.Single(await Azure.ListAsync("jobs", Token));
    }

    [Fact]
    public async Task A_dry_run_submits_nothing_and_says_what_it_would_submit()
    {
        await _fixture.StartAsync(Token);
        var drift = Drift("dry");

        await _fixture.PublishAsync(drift, Token);
        var end = await _fixture.EndOfAsync("dry", drift, Token);

        Assert.Equal("skipped", end.Status);
        Assert.StartsWith($"dry run: nothing was changed; the action would execute job: mlevents-{end.ActionId}, workspace: ml-local, jobType: Pipeline", end.Detail, StringComparison.Ordinal);
        Assert.Contains("ds-1", end.Detail, StringComparison.Ordinal);
        Assert.Equal(0, await Azure.CallsAsync("Jobs_CreateOrUpdate", Token));
    }

    [Fact]
    public async Task A_job_is_not_created_twice_if_azure_creates_it_but_answers_with_an_error()
    {
        await Azure.FaultAsync("""{ "operation": "Jobs_CreateOrUpdate", "kind": "status", "status": 500, "count": 1, "when": "after" }""", Token);
        await _fixture.StartAsync(Token);
        var drift = Drift("job");

        await _fixture.PublishAsync(drift, Token);

        Assert.Equal("succeeded", (await _fixture.EndOfAsync("job", drift, Token)).Status);
        Assert.Single(await Azure.ListAsync("jobs", Token));
    }

    [Fact]
    public async Task A_job_file_of_the_azure_cli_is_submitted_with_typed_inputs()
    {
        await _fixture.StartAsync(Token);
        var drift = Drift("command");

        await _fixture.PublishAsync(drift, Token);

        Assert.Equal("succeeded", (await _fixture.EndOfAsync("command", drift, Token)).Status);
        var job = Assert.Single(await Azure.ListAsync("jobs", Token))["properties"];
        Assert.Equal(
            ("Command", $"{SampleEvents.Workspace}/computes/cpu-cluster", "uri_folder", "Download", $"{SampleEvents.Workspace}/data/ds-1/versions/2"),
            (Text("jobType"), Text("computeId"), Text("inputs", "data", "jobInputType"), Text("inputs", "data", "mode"), Text("inputs", "data", "uri")));

        string? Text(params string[] path) => path.Aggregate(job, (node, name) => node?[name])?.GetValue<string>();
    }

    [Fact]
    public async Task The_limits_of_a_rule_allow_one_job_at_a_time_and_skip_an_event_during_the_cooldown()
    {
        _fixture.Settings["Retrainer:PollInterval"] = "00:00:02";
        await _fixture.StartAsync(Token);
        var (first, second, third) = (Drift("limited", "m1"), Drift("limited", "m2"), Drift("limited", "m1"));

        await _fixture.PublishAsync(first, Token);
        await _fixture.Activity.FirstAsync(activity => activity.Event.Id == first.Id && activity.Stage == "job-submitted", Token);
        await _fixture.PublishAsync(second, Token);
        await _fixture.PublishAsync(third, Token);

        var skipped = await _fixture.EndOfAsync("limited", third, Token);
        var waiting = await _fixture.Activity.FirstAsync(activity => activity.Event.Id == second.Id && activity.Status == "waiting", Token);
        Assert.StartsWith("cooldown 'm1': started by action ", skipped.Detail, StringComparison.Ordinal);
        Assert.StartsWith("waits for concurrency 'ds-1': 1 of 1 place is taken by action ", waiting.Detail, StringComparison.Ordinal);
        Assert.Equal(("succeeded", "succeeded"), ((await _fixture.EndOfAsync("limited", first, Token)).Status, (await _fixture.EndOfAsync("limited", second, Token)).Status));
        Assert.Equal(2, (await Azure.ListAsync("jobs", Token)).Count);
    }

    [Fact]
    public async Task A_job_that_fails_ends_its_action_as_failed()
    {
        await Azure.FaultAsync("""{ "operation": "Jobs_CreateOrUpdate", "kind": "failJob", "count": 1 }""", Token);
        await _fixture.StartAsync(Token);
        var drift = Drift("job");

        await _fixture.PublishAsync(drift, Token);

        var end = await _fixture.EndOfAsync("job", drift, Token);
        Assert.Equal("failed", end.Status);
        Assert.Contains("ended as Failed", end.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_operators_retry_of_a_failed_job_creates_a_job_with_another_name()
    {
        await Azure.FaultAsync("""{ "operation": "Jobs_CreateOrUpdate", "kind": "failJob", "count": 1 }""", Token);
        await _fixture.StartAsync(Token);
        var drift = Drift("job");
        await _fixture.PublishAsync(drift, Token);
        var failed = await _fixture.EndOfAsync("job", drift, Token);
        await FailedRecordAsync(failed.ActionId);

        var (status, _) = await _fixture.Service.AskAsync(HttpMethod.Post, $"/actions/{failed.ActionId}/retry", Token);

        Assert.Equal(200, status);
        var end = await _fixture.Activity.FirstAsync(action => action.Status == "succeeded", Token);
        Assert.Equal(failed.ActionId, end.ActionId);
        Assert.Equal(
            [$"mlevents-{end.ActionId}", $"mlevents-{end.ActionId}-r1"],
            (await Azure.ListAsync("jobs", Token)).Select(job => job["name"]?.GetValue<string>()).Order());
    }

    [Theory]
    [InlineData("job", JobSteps.Submitted, "jobs", false)]
    [InlineData("job", JobSteps.Submitted, "jobs", true)]
    [InlineData("factory", FactorySteps.Started, "factoryRuns", false)]
    [InlineData("batch", JobSteps.Submitted, "jobs", false)]
    public async Task Cancelling_an_action_cancels_its_run_unless_leaveRunning_is_true(string rule, string stage, string runs, bool leave)
    {
        await UseLongRunningAzureAsync();
        await _fixture.StartAsync(Token);
        await _fixture.PublishAsync(Drift(rule), Token);
        var started = await _fixture.Activity.FirstAsync(action => action.Stage == stage, Token);

        var (status, body) = await CancelAsync(started.ActionId, leave);

        Assert.Equal((200, "skipped"), (status, body.GetProperty("status").GetString()));
        Assert.Contains(leave ? "continue" : "Azure accepted the cancellation of ", body.GetProperty("detail").GetString(), StringComparison.Ordinal);
        var calls = await Azure.CallsAsync(rule == "factory" ? "PipelineRuns_Cancel" : "Jobs_Cancel", Token);
        Assert.Equal(leave ? 0 : 1, calls);
        Assert.Single(await Azure.ListAsync(runs, Token));
    }

    [Fact]
    public async Task A_cancellation_that_azure_refuses_leaves_the_action_unchanged()
    {
        await UseLongRunningAzureAsync();
        await Azure.FaultAsync("""{ "operation": "Jobs_Cancel", "kind": "status", "status": 403 }""", Token);
        await _fixture.StartAsync(Token);
        await _fixture.PublishAsync(Drift("job"), Token);
        var started = await _fixture.Activity.FirstAsync(action => action.Stage == JobSteps.Submitted, Token);

        var body = await RefusedAsync(started.ActionId);

        Assert.Contains("AuthorizationFailed", body.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.EndsWith("Try again, or cancel the action alone with leaveRunning=true.", body.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal("running", (await _fixture.Service.AskAsync(HttpMethod.Get, $"/actions/{started.ActionId}", Token)).Body.GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_value_of_leaveRunning_other_than_true_or_false_is_refused()
    {
        await _fixture.StartAsync(Token);

        var (status, body) = await _fixture.Service.AskAsync(HttpMethod.Post, "/actions/0123456789abcdef0123/cancel?leaveRunning=maybe", Token);

        Assert.Equal((400, "'leaveRunning' must be true or false."), (status, body.GetProperty("title").GetString()));
    }

    [Fact]
    public async Task A_data_factory_run_that_fails_is_rerun_from_the_failed_activity()
    {
        await Azure.FaultAsync("""{ "operation": "Pipelines_CreateRun", "kind": "failJob", "count": 1 }""", Token);
        _fixture.Folder.Write("rules/retraining.yaml", $$"""
            retraining:
              - name: factory
                when: { includedEventTypes: [DatasetDriftDetected] }
                run: { dataFactory: {{TestData.Pipeline}}, parameters: { coefficient: 0.5 } }
                retry: { wait: 1m, from: FailedActivity }
            """);
        await _fixture.StartAsync(Token);
        var drift = Drift("factory");

        await _fixture.PublishAsync(drift, Token);

        var waiting = await _fixture.Activity.FirstAsync(action => action.Stage == RunAttempts.Waiting, Token);
        Assert.Contains("run 2 of 2 starts in 00:01:00", waiting.Detail, StringComparison.Ordinal);
        var news = SampleEvents.Create("RunStatusChanged", $$"""{ "runStatus": "Completed", "runTags": { "mlevents.action": "{{waiting.ActionId}}", "mlevents.rule": "factory" } }""");
        await _fixture.PublishAsync(news, Token);
        Assert.Equal("succeeded", (await _fixture.EndOfAsync("factory", drift, Token)).Status);
        var runs = await Azure.ListAsync("factoryRuns", Token);
        Assert.Equal(2, runs.Count);
        Assert.Single(runs.Select(run => run["runGroupId"]?.GetValue<string>()).Distinct());
    }

    [Fact]
    public async Task A_data_factory_run_is_not_started_twice_if_the_call_that_started_it_timed_out()
    {
        await Azure.FaultAsync("""{ "operation": "Pipelines_CreateRun", "kind": "timeout", "count": 1, "when": "after" }""", Token);
        await _fixture.StartAsync(Token);
        var drift = Drift("factory");

        await _fixture.PublishAsync(drift, Token);

        var end = await _fixture.EndOfAsync("factory", drift, Token);
        Assert.Equal(("succeeded", 2), (end.Status, end.Attempt));
        var run = Assert.Single(await Azure.ListAsync("factoryRuns", Token));
        Assert.Equal(end.ActionId, run["parameters"]?["mlevents_action"]?.GetValue<string>());
    }

    [Fact]
    public async Task A_batch_endpoint_creates_a_job_with_typed_inputs_and_the_tags_of_the_action()
    {
        await _fixture.StartAsync(Token);
        var drift = Drift("batch");

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => _fixture.PublishAsync(drift, Token)));

        var end = await _fixture.EndOfAsync("batch", drift, Token);
        Assert.Equal("succeeded", end.Status);
        var job = Assert.Single(await Azure.ListAsync("jobs", Token))["properties"];
        Assert.Equal(
            ("churn-training", "ds-1", $"{SampleEvents.Workspace}/data/ds-1/versions/1", end.ActionId, drift.Id),
            (Text("experimentName"), Text("inputs", "target", "value"), Text("inputs", "data", "uri"), Text("inputs", "run_id", "value"), Text("tags", Correlation.Tag)));

        string? Text(params string[] path) => path.Aggregate(job, (node, name) => node?[name])?.GetValue<string>();
    }

    [Theory]
    [InlineData("timeout")]
    [InlineData("status")]
    public async Task A_batch_endpoint_starts_one_job_even_if_its_answer_was_lost(string kind)
    {
        await Azure.FaultAsync($$"""{ "operation": "BatchEndpoints_Invoke", "kind": "{{kind}}", "count": 1, "when": "after" }""", Token);
        await _fixture.StartAsync(Token);
        var drift = Drift("batch");

        await _fixture.PublishAsync(drift, Token);

        var end = await _fixture.EndOfAsync("batch", drift, Token);
        Assert.Equal("succeeded", end.Status);
        Assert.Equal(end.ActionId, Assert.Single(await Azure.ListAsync("jobs", Token))["properties"]?["inputs"]?["run_id"]?["value"]?.GetValue<string>());
    }

    [Fact]
    public async Task An_event_of_the_run_shortens_the_wait_and_does_not_start_another_run()
    {
        _fixture.Settings["Retrainer:PollInterval"] = "01:00:00";
        await _fixture.StartAsync(Token);
        var drift = Drift("job");
        await _fixture.PublishAsync(drift, Token);
        var submitted = await _fixture.Activity.FirstAsync(action => action.Stage == JobSteps.Submitted, Token);
        await JobIsAsync("Completed");

        var news = SampleEvents.Create("RunStatusChanged", $$"""
            { "runStatus": "Completed", "runTags": { "mlevents.action": "{{submitted.ActionId}}", "mlevents.rule": "again" } }
            """);
        await _fixture.PublishAsync(news, Token);

        Assert.Equal("succeeded", (await _fixture.EndOfAsync("job", drift, Token)).Status);
        var foreign = SampleEvents.Create("RunStatusChanged", """{ "runStatus": "Failed", "runTags": {} }""");
        await _fixture.PublishAsync(foreign, Token);
        await _fixture.Activity.FirstAsync(action => action.Rule == "again" && action.Stage == JobSteps.Submitted, Token);
        Assert.All(_fixture.Activity.All.Where(action => action.Rule == "again"), action => Assert.Equal(foreign.Id, action.Event.Id));
    }

    [Theory]
    [InlineData(200, "churn-monitor", "azureml://datastores/d/paths/scored", "azureml://datastores/d/paths/training")]
    [InlineData(403, "data_drift", "unknown", "unknown")]
    public async Task The_data_of_a_breach_come_from_the_jobs_of_the_monitor_or_only_from_the_event_if_azure_refuses_the_call(int status, string monitor, string target, string baseline)
    {
        await Azure.PutJobAsync("signal-1", """
            { "jobType": "Pipeline", "inputs": {
              "monitor_name": { "jobInputType": "literal", "value": "churn-monitor" },
              "baseline_data": { "jobInputType": "mltable", "uri": "azureml://datastores/d/paths/training" },
              "target_data": { "jobInputType": "mltable", "uri": "azureml://datastores/d/paths/scored" } } }
            """, Token);
        await Azure.PutJobAsync("step-1", """{ "jobType": "Pipeline", "properties": { "azureml.pipelinerunid": "signal-1" } }""", Token);
        if (status != 200)
        {
            await Azure.FaultAsync($$"""{ "operation": "Jobs_Get", "kind": "status", "status": {{status}}, "count": 1 }""", Token);
        }

        await _fixture.StartAsync(Token);
        _fixture.Service.Expected = log => log.Message.Contains("The jobs of monitor run step-1", StringComparison.Ordinal);
        var breach = SampleEvents.Create("RunStatusChanged", $$"""
            { "runId": "step-1", "runStatus": "Failed", "runTags": { "{{Events.Drift.BreachTag}}": "The signal 'data_drift' has failed due to one or more features violating metric thresholds." } }
            """, "breach");

        await _fixture.PublishAsync(breach, Token);

        var end = await _fixture.EndOfAsync("breach", breach, Token);
        Assert.Equal("succeeded", end.Status);
        var job = Assert.Single(await Azure.ListAsync("jobs", Token), job => job["properties"]?["tags"]?["mlevents.rule"] is not null)["properties"];
        Assert.Equal(
            (monitor, target, baseline),
            ((string?)job?["tags"]?["monitor"], (string?)job?["inputs"]?["target"]?["value"], (string?)job?["tags"]?["baseline"]));
    }

    [Fact]
    public async Task A_rule_that_cannot_be_evaluated_fails_visibly()
    {
        await _fixture.StartAsync(Token);
        _fixture.Service.Expected = log => log.Message.Contains("failed before its first step", StringComparison.Ordinal);
        var drift = SampleEvents.Create("DatasetDriftDetected", "{}", "job");

        await _fixture.PublishAsync(drift, Token);

        var end = await _fixture.EndOfAsync("job", drift, Token);
        Assert.Equal("failed", end.Status);
        Assert.Contains("input 'target'", end.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("job", "Jobs_CreateOrUpdate", 400, "SimulatedFault")]
    [InlineData("job", "Jobs_CreateOrUpdate", 404, "SimulatedFault")]
    [InlineData("job", "Jobs_CreateOrUpdate", 409, "Conflict")]
    [InlineData("factory", "Pipelines_CreateRun", 400, "SimulatedFault")]
    [InlineData("factory", "Pipelines_CreateRun", 404, "SimulatedFault")]
    [InlineData("factory", "Pipelines_CreateRun", 409, "Conflict")]
    public async Task A_permanent_refusal_is_not_retried_and_its_error_is_in_the_record(string rule, string operation, int status, string code)
    {
        await Azure.FaultAsync($$"""{ "operation": "{{operation}}", "kind": "status", "status": {{status}} }""", Token);
        await _fixture.StartAsync(Token);
        var drift = Drift(rule);

        await _fixture.PublishAsync(drift, Token);

        var end = await _fixture.EndOfAsync(rule, drift, Token);
        var record = await FailedRecordAsync(end.ActionId);
        Assert.Equal(("failed", 1), (end.Status, end.Attempt));
        Assert.Matches($"{status} {code}: The simulator was asked to let this call fail\\..* \\(request id [0-9a-f-]+\\)$", record.GetProperty("detail").GetString());
        Assert.Equal(1, await Azure.CallsAsync(operation, Token));
    }

    [Theory]
    [InlineData("job", "Jobs_CreateOrUpdate", 401, "SimulatedFault", "AzureML Data Scientist")]
    [InlineData("job", "Jobs_CreateOrUpdate", 403, "AuthorizationFailed", "AzureML Data Scientist")]
    [InlineData("factory", "Pipelines_CreateRun", 401, "SimulatedFault", "Data Factory Contributor")]
    [InlineData("factory", "Pipelines_CreateRun", 403, "AuthorizationFailed", "Data Factory Contributor")]
    public async Task An_identity_that_azure_refuses_makes_actions_wait_until_it_is_accepted(string rule, string operation, int status, string code, string role)
    {
        await Azure.FaultAsync($$"""{ "operation": "{{operation}}", "kind": "status", "status": {{status}}, "count": 1000 }""", Token);
        _fixture.Settings["Ledger:CredentialInterval"] = "00:00:00.2";
        await _fixture.StartAsync(Token);
        _fixture.Service.Expected = log => log.Message.Contains("is refused", StringComparison.Ordinal);
        var drift = Drift(rule);

        await _fixture.PublishAsync(drift, Token);
        var waiting = await _fixture.Activity.FirstAsync(action => action.Rule == rule && action.Status == "waiting", Token);
        await Poll.UntilAsync(token => Azure.CallsAsync(operation, token), calls => calls > 2, Token);
        var health = await _fixture.Service.Client.GetFromJsonAsync<JsonElement>(new Uri("health", UriKind.Relative), Token);
        await Azure.EndFaultsAsync(Token);
        var started = await _fixture.Activity.FirstAsync(action => action.Rule == rule && action.Stage.Length > 0, Token);

        var check = health.GetProperty("checks").GetProperty("credentials");
        Assert.Equal("Degraded", check.GetProperty("status").GetString());
        Assert.Contains("the identity of this service at Azure (AzureML:Credential) has been refused since", check.GetProperty("description").GetString(), StringComparison.Ordinal);
        Assert.All([waiting.Detail, check.GetProperty("description").GetString()], text => Assert.Contains($"{status} {code}", text, StringComparison.Ordinal));
        Assert.All([waiting.Detail, check.GetProperty("description").GetString()], text => Assert.Contains(role, text, StringComparison.Ordinal));
        Assert.Equal(1, started.Attempt);
        Assert.DoesNotContain(_fixture.Activity.All, action => action.Rule == rule && action.Status == "failed");
    }

    [Theory]
    [InlineData("job", "Jobs_CreateOrUpdate", 401, "AzureML Data Scientist")]
    [InlineData("job", "Jobs_CreateOrUpdate", 403, "AzureML Data Scientist")]
    [InlineData("factory", "Pipelines_CreateRun", 403, "Data Factory Contributor")]
    [InlineData("batch", "BatchEndpoints_Invoke", 403, "AzureML Data Scientist")]
    public async Task One_action_at_a_time_tries_a_refused_identity_and_all_other_actions_wait(string rule, string operation, int status, string role)
    {
        const int Events = 60;
        await Azure.FaultAsync($$"""{ "operation": "{{operation}}", "kind": "status", "status": {{status}}, "count": 10000 }""", Token);
        _fixture.Settings["Ledger:CredentialInterval"] = "00:00:02";
        await _fixture.StartAsync(Token);
        _fixture.Service.Expected = log => log.Message.Contains("is refused", StringComparison.Ordinal);

        await _fixture.PublishAsync(Drift(rule), Token);
        await _fixture.Activity.FirstAsync(action => action.Rule == rule && action.Status == "waiting", Token);
        var before = await Azure.CallsAsync(operation, Token);
        foreach (var _ in Enumerable.Range(1, Events))
        {
            await _fixture.PublishAsync(Drift(rule), Token);
        }

        var waiting = await _fixture.Activity.AtLeastAsync(Events + 1, action => action.Rule == rule && action.Status == "waiting", Token);
        var calls = await Azure.CallsAsync(operation, Token) - before;
        await Azure.EndFaultsAsync(Token);
        var ends = await _fixture.Activity.AtLeastAsync(Events + 1, action => action.Rule == rule && action.Status is "succeeded" or "failed", Token);
        var health = await _fixture.Service.Client.GetFromJsonAsync<JsonElement>(new Uri("health", UriKind.Relative), Token);

        Assert.True(calls < Events / 2, $"{calls} refused calls for {Events} actions");
        Assert.All(waiting, action => Assert.Contains(role, action.Detail, StringComparison.Ordinal));
        Assert.All(ends, end => Assert.Equal(("succeeded", 1), (end.Status, end.Attempt)));
        Assert.Equal("Healthy", health.GetProperty("checks").GetProperty("credentials").GetProperty("status").GetString());
    }

    [Fact]
    public async Task The_health_report_contains_the_version_of_the_rules()
    {
        await _fixture.StartAsync(Token);

        var health = await _fixture.Service.Client.GetFromJsonAsync<JsonElement>(new Uri("health", UriKind.Relative), Token);

        var rules = health.GetProperty("checks").GetProperty("RetrainingRules");
        Assert.Equal("Healthy", rules.GetProperty("status").GetString());
        Assert.Equal(12, rules.GetProperty("data").GetProperty("version").GetString()?.Length);
    }

    private void UseAzure()
    {
        foreach (var (name, value) in Azure.Settings)
        {
            _fixture.Settings[name] = value;
        }
    }

    // Starts a simulator with long-running jobs, because jobs and runs must not end before the test cancels them.
    private async Task UseLongRunningAzureAsync()
    {
        await Azure.DisposeAsync();
        _azure = await SimulatedAzure.StartAsync(isLongRunning: true, Token);
        UseAzure();
    }

    // While a step runs, the service refuses the cancellation. The test then asks again.
    private Task<(int Status, JsonElement Body)> CancelAsync(string id, bool leave) => Poll.UntilAsync(
        token => _fixture.Service.AskAsync(HttpMethod.Post, $"/actions/{id}/cancel?leaveRunning={(leave ? "true" : "false")}", token), answer => answer.Status != 409, Token);

    // Requests the cancellation until the service refuses it for another reason than a running step. Returns this refusal.
    private async Task<JsonElement> RefusedAsync(string id)
    {
        var (_, refusal) = await Poll.UntilAsync(
            token => _fixture.Service.AskAsync(HttpMethod.Post, $"/actions/{id}/cancel", token),
            answer => answer.Status == 409 && answer.Body.GetProperty("detail").GetString()?.StartsWith("A step", StringComparison.Ordinal) == false,
            Token);
        return refusal;
    }

    private static WorkflowEvent Drift(string subject, string monitor) =>
        SampleEvents.Create("DatasetDriftDetected", $$"""{ "targetDatasetId": "ds-1", "monitor": "{{monitor}}" }""", subject);

    private static WorkflowEvent Drift(string subject) =>
        SampleEvents.Create("DatasetDriftDetected", """{ "driftCoefficient": 0.6, "targetDatasetId": "ds-1" }""", subject);

    // Waits until the record of the action has the status Failed, because the end of an action is published before its record is written.
    private Task<JsonElement> FailedRecordAsync(string id) => Poll.UntilAsync(
        token => _fixture.Dapr.GetStateAsync<JsonElement>("statestore", $"action-{id}", cancellationToken: token), record => record.GetProperty("status").GetString() == "Failed", Token);

    private async Task JobIsAsync(string status) => await Poll.UntilAsync(
        token => Azure.ListAsync("jobs", token), jobs => jobs.All(job => job["properties"]?["status"]?.GetValue<string>() == status), Token);
}
