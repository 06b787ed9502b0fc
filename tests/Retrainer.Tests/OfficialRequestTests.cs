using MLEvents.Tests.Services;
using MLEvents.Tests.Services.Official;

namespace MLEvents.Retrainer.Tests;

/// <summary>
/// The requests of the retrainer, compared with Azure's official examples. Every test with a simulator compares the requests that the simulator received. In
/// the tests of this class, the rules and job files use most of the members that each kind of training supports.
/// </summary>
public sealed class OfficialRequestTests : IAsyncLifetime
{
    private const string Rules = $$$"""
        retraining:
          - name: pipeline
            when: { includedEventTypes: [DatasetDriftDetected], subjectBeginsWith: pipeline }
            run: { job: jobs/pipeline.yaml, inputs: { target: "{{ data.targetDatasetId }}" }, experimentName: e, displayName: d, tags: { team: growth } }
          - name: command
            when: { includedEventTypes: [DatasetDriftDetected], subjectBeginsWith: command }
            run: { job: jobs/command.yaml, inputs: { data: "azureml:{{ data.targetDatasetId }}:2" } }
          - name: sweep
            when: { includedEventTypes: [DatasetDriftDetected], subjectBeginsWith: sweep }
            run: { job: jobs/sweep.yaml }
          - name: factory
            when: { includedEventTypes: [DatasetDriftDetected], subjectBeginsWith: factory }
            run: { dataFactory: {{{TestData.Pipeline}}}, parameters: { dataset: x, coefficient: 0.5 } }
          - name: batch
            when: { includedEventTypes: [DatasetDriftDetected], subjectBeginsWith: batch }
            run:
              batchEndpoint: churn-training
              experimentName: churn
              inputs: { target: "{{ data.targetDatasetId }}", data: { type: uri_folder, path: "azureml:{{ data.targetDatasetId }}:1" } }
              outputs: { scores: { type: uri_file, path: azureml://datastores/store/paths/scores.csv } }

        """;

    private const string Pipeline = """
        type: pipeline
        description: Train
        tags: { purpose: retraining }
        properties: { owner: growth }
        settings: { default_compute: azureml:cpu-cluster, continue_on_step_failure: false }
        identity: { type: user_identity }
        inputs: { target: latest, data: { type: uri_folder, path: azureml:churn:1, mode: ro_mount }, model: { type: mlflow_model, path: azureml:churn:1 } }
        outputs: { model: { type: mlflow_model, name: churn, mode: upload } }
        jobs: { train: { type: command, component: azureml:churn_train:1, inputs: { target: "${{parent.inputs.target}}" } } }

        """;

    private const string Command = """
        type: command
        command: python train.py --data ${{inputs.data}}
        code: azureml:churn-code:1
        environment: azureml:train:1
        compute: azureml:cpu-cluster
        environment_variables: { WORKERS: 4 }
        inputs: { data: { type: uri_folder, path: azureml:churn:1, mode: download } }
        outputs: { log: { type: uri_folder, mode: rw_mount } }
        resources: { instance_count: 2, instance_type: Standard_DS3_v2, shm_size: 2g }
        distribution: { type: pytorch, process_count_per_instance: 2 }
        limits: { timeout: 3600 }
        services: { board: { type: tensor_board, log_dir: logs } }
        queue_settings: { job_tier: standard }

        """;

    private const string Sweep = """
        type: sweep
        trial: { command: "python train.py --rate ${{search_space.rate}}", environment: azureml:train:1 }
        compute: azureml:cpu-cluster
        sampling_algorithm: random
        search_space: { rate: { type: uniform, min_value: 0.1, max_value: 0.9 } }
        objective: { goal: maximize, primary_metric: auc }
        limits: { max_total_trials: 4, max_concurrent_trials: 2, timeout: 3600, trial_timeout: 600 }

        """;

    private readonly ServiceFixture _fixture = new("retrainer", configure => RetrainerService.Create(["--environment=Development"], configure));
    private SimulatedAzure? _azure;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private SimulatedAzure Azure => _azure ?? throw new InvalidOperationException("The simulator is not started.");

    public async ValueTask InitializeAsync()
    {
        _azure = await SimulatedAzure.StartAsync(Token);
        _fixture.Folder.Write("rules/retraining.yaml", Rules);
        _fixture.Folder.Write("rules/jobs/pipeline.yaml", Pipeline);
        _fixture.Folder.Write("rules/jobs/command.yaml", Command);
        _fixture.Folder.Write("rules/jobs/sweep.yaml", Sweep);
        foreach (var (name, value) in Azure.Settings)
        {
            _fixture.Settings[name] = value;
        }

        _fixture.Settings["Retrainer:PollInterval"] = "00:00:00.100";
        _fixture.Settings["Retrainer:RunListingDelay"] = "00:00:00.100";
        await _fixture.StartAsync(Token);
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

    [Theory]
    [InlineData("pipeline", "Jobs_CreateOrUpdate")]
    [InlineData("command", "Jobs_CreateOrUpdate")]
    [InlineData("sweep", "Jobs_CreateOrUpdate")]
    [InlineData("factory", "PipelineRuns_QueryByFactory", "Pipelines_CreateRun")]
    [InlineData("batch", "BatchEndpoints_Invoke", "Jobs_CreateOrUpdate")]
    public async Task The_requests_of_a_run_have_the_members_and_values_of_the_specification(string rule, params string[] operations)
    {
        Assert.SkipUnless(
            OfficialRequests.AreAvailable, "The reference folder (environment variable MLEVENTS_REFERENCE, default ../shared/reference) does not exist, so requests are not compared with Azure's official examples.");
        var drift = SampleEvents.Create("DatasetDriftDetected", """{ "driftCoefficient": 0.6, "targetDatasetId": "ds-1" }""", rule);

        await _fixture.PublishAsync(drift, Token);
        var end = await _fixture.EndOfAsync(rule, drift, Token);

        Assert.Equal(("succeeded", rule), (end.Status, end.Rule));
        Assert.Equal(operations, Azure.Requests.Select(OfficialRequests.NameOf).Distinct().Order());
        Assert.Empty(OfficialRequests.FindFaults(Azure.Requests));
    }
}
