namespace MLEvents.Rules.Tests.Jobs;

/// <summary>Job files of <c>az ml job create</c> become the body that the Azure CLI sends.</summary>
public sealed class JobFileTests
{
    private static string Ws => TestData.Workspace;

    [Fact]
    public void A_command_job_is_translated()
    {
        var body = JobYaml.Body("""
            $schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json
            type: command
            name: ignored
            display_name: Train churn
            experiment_name: churn
            description: Nightly
            tags: { purpose: retraining, weight: 1 }
            command: python train.py --data ${{inputs.data}} --lr ${{inputs.lr}}
            code: azureml:churn-code:3
            environment: azureml:churn-env:5
            environment_variables: { SEED: 7 }
            compute: azureml:cpu-cluster
            inputs:
              data: { type: uri_folder, path: azureml:churn-data:2, mode: ro_mount }
              lr: 0.10
              epochs: 20
              fast: true
              label: "true"
            outputs:
              model: { type: mlflow_model, mode: upload, name: churn }
              log:
            resources: { instance_count: 2, instance_type: Standard_DS3_v2, shm_size: 3g }
            distribution: { type: pytorch, process_count_per_instance: 1 }
            limits: { timeout: 5400 }
            identity: { type: managed, client_id: c }
            queue_settings: { job_tier: spot }
            services:
              shell: { type: ssh, ssh_public_keys: key, nodes: all, properties: { shell: bash } }
            """);

        JobYaml.AssertEqual($$$"""
            {
              "jobType": "Command", "displayName": "Train churn", "experimentName": "churn", "description": "Nightly",
              "tags": { "purpose": "retraining", "weight": "1" },
              "computeId": "{{{Ws}}}/computes/cpu-cluster",
              "identity": { "identityType": "Managed", "clientId": "c" },
              "command": "python train.py --data ${{inputs.data}} --lr ${{inputs.lr}}",
              "codeId": "{{{Ws}}}/codes/churn-code/versions/3",
              "environmentId": "{{{Ws}}}/environments/churn-env/versions/5",
              "environmentVariables": { "SEED": "7" },
              "distribution": { "distributionType": "PyTorch", "processCountPerInstance": 1 },
              "resources": { "instanceCount": 2, "instanceType": "Standard_DS3_v2", "shmSize": "3g" },
              "inputs": {
                "data": { "jobInputType": "uri_folder", "uri": "{{{Ws}}}/data/churn-data/versions/2", "mode": "ReadOnlyMount" },
                "lr": { "jobInputType": "literal", "value": "0.10" },
                "epochs": { "jobInputType": "literal", "value": "20" },
                "fast": { "jobInputType": "literal", "value": "True" },
                "label": { "jobInputType": "literal", "value": "true" }
              },
              "outputs": { "model": { "jobOutputType": "mlflow_model", "mode": "Upload", "assetName": "churn" }, "log": { "jobOutputType": "uri_folder" } },
              "services": { "shell": { "jobServiceType": "SSH", "nodes": { "nodesValueType": "All" }, "properties": { "shell": "bash", "sshPublicKeys": "key" } } },
              "queueSettings": { "jobTier": "Spot" },
              "limits": { "jobLimitsType": "Command", "timeout": "PT1H30M" }
            }
            """, body);
    }

    [Fact]
    public void A_sweep_job_is_translated()
    {
        var body = JobYaml.Body("""
            type: sweep
            trial:
              command: python hello.py --A ${{inputs.A}} --B ${{search_space.B}}
              environment: azureml:AzureML-sklearn-1.0-ubuntu20.04-py38-cpu@latest
            inputs: { A: 0.5 }
            compute: azureml:cpu-cluster
            sampling_algorithm: { type: random, seed: 13, rule: sobol }
            search_space:
              B: { type: choice, values: ["hello", 2] }
              C: { type: uniform, min_value: 0.1, max_value: 1.0 }
              D: { type: qnormal, mu: 1, sigma: 2, q: 3 }
              E: { type: randint, upper: 9 }
            objective: { goal: minimize, primary_metric: random_metric }
            early_termination: { type: bandit, evaluation_interval: 1, slack_factor: 0.1, delay_evaluation: 5 }
            limits: { max_total_trials: 4, max_concurrent_trials: 2, timeout: 3600, trial_timeout: 60 }
            """);

        JobYaml.AssertEqual($$$"""
            {
              "jobType": "Sweep", "computeId": "{{{Ws}}}/computes/cpu-cluster",
              "trial": { "command": "python hello.py --A ${{inputs.A}} --B ${{search_space.B}}", "environmentId": "azureml:AzureML-sklearn-1.0-ubuntu20.04-py38-cpu@latest" },
              "samplingAlgorithm": { "samplingAlgorithmType": "Random", "rule": "Sobol", "seed": 13 },
              "searchSpace": { "B": ["choice", [["hello", 2]]], "C": ["uniform", [0.1, 1]], "D": ["qnormal", [1, 2, 3]], "E": ["randint", [9]] },
              "objective": { "goal": "Minimize", "primaryMetric": "random_metric" },
              "earlyTermination": { "policyType": "Bandit", "evaluationInterval": 1, "delayEvaluation": 5, "slackFactor": 0.1 },
              "limits": { "jobLimitsType": "Sweep", "maxTotalTrials": 4, "maxConcurrentTrials": 2, "timeout": "PT1H", "trialTimeout": "PT1M" },
              "inputs": { "A": { "jobInputType": "literal", "value": "0.5" } }
            }
            """, body);
    }

    [Fact]
    public void A_pipeline_job_is_translated()
    {
        var body = JobYaml.Body("""
            type: pipeline
            display_name: Train, score
            settings: { default_compute: azureml:cpu-cluster, default_datastore: azureml:workspaceblobstore, continue_on_step_failure: false }
            inputs:
              max_epochs: 20
              schedule: 'time-based'
              raw: { type: uri_folder, path: azureml://datastores/workspaceblobstore/paths/raw/, mode: download }
            outputs:
              trained: { mode: upload }
            jobs:
              train:
                component: azureml:my_train@latest
                inputs:
                  data: ${{parent.inputs.raw}}
                  sample: { type: uri_file, path: https://example.com/a.csv }
                  bound: { type: uri_folder, path: "${{parent.inputs.raw}}", mode: direct }
                  rate: 1.8
                outputs:
                  model: ${{parent.outputs.trained}}
                  other: { type: mltable, mode: rw_mount }
                resources: { instance_count: 2 }
                limits: { timeout: 60 }
                distribution: { type: mpi, process_count_per_instance: 4 }
                environment_variables: { FOO: bar }
                identity: { type: user_identity }
                compute: ${{parent.inputs.target}}
                services: { board: { type: tensor_board, log_dir: logs } }
              tune:
                type: sweep
                trial: azureml:my_tune:1
                compute: azureml:gpu
                search_space: { rate: { type: choice, values: [1, 2] } }
                objective: { goal: maximize, primary_metric: AUC }
                sampling_algorithm: random
                limits: { max_total_trials: 10 }
              rest:
                type: pipeline
                component: azureml://registries/azureml/components/rest/versions/2
                inputs: { model: "${{parent.jobs.train.outputs.model}}" }
            """);

        JobYaml.AssertEqual($$$"""
            {
              "jobType": "Pipeline", "displayName": "Train, score",
              "settings": {
                "default_compute": "{{{Ws}}}/computes/cpu-cluster", "default_datastore": "{{{Ws}}}/datastores/workspaceblobstore",
                "continue_on_step_failure": false, "_source": "YAML.JOB"
              },
              "inputs": {
                "max_epochs": { "jobInputType": "literal", "value": "20" },
                "schedule": { "jobInputType": "literal", "value": "time-based" },
                "raw": { "jobInputType": "uri_folder", "uri": "azureml://datastores/workspaceblobstore/paths/raw/", "mode": "Download" }
              },
              "outputs": { "trained": { "jobOutputType": "uri_folder", "mode": "Upload" } },
              "jobs": {
                "train": {
                  "name": "train", "type": "command", "_source": "YAML.COMPONENT", "componentId": "{{{Ws}}}/components/my_train/labels/latest",
                  "inputs": {
                    "data": { "job_input_type": "literal", "value": "${{parent.inputs.raw}}" },
                    "sample": { "job_input_type": "uri_file", "uri": "https://example.com/a.csv" },
                    "bound": { "job_input_type": "literal", "value": "${{parent.inputs.raw}}", "mode": "Direct" },
                    "rate": { "job_input_type": "literal", "value": "1.8" }
                  },
                  "outputs": {
                    "model": { "type": "literal", "value": "${{parent.outputs.trained}}" },
                    "other": { "job_output_type": "mltable", "mode": "ReadWriteMount" }
                  },
                  "resources": { "instance_count": 2 }, "limits": { "job_limits_type": "Command", "timeout": "PT1M" },
                  "distribution": { "distribution_type": "Mpi", "process_count_per_instance": 4 },
                  "environment_variables": { "FOO": "bar" }, "identity": { "type": "user_identity" },
                  "computeId": "${{parent.inputs.target}}", "services": { "board": { "job_service_type": "TensorBoard", "properties": { "logDir": "logs" } } }
                },
                "tune": {
                  "name": "tune", "type": "sweep", "_source": "YAML.COMPONENT", "computeId": "{{{Ws}}}/computes/gpu",
                  "trial": { "componentId": "{{{Ws}}}/components/my_tune/versions/1" },
                  "search_space": { "rate": { "type": "choice", "values": [1, 2] } }, "sampling_algorithm": "random",
                  "objective": { "goal": "maximize", "primary_metric": "AUC" }, "limits": { "max_total_trials": 10 }
                },
                "rest": {
                  "name": "rest", "type": "pipeline", "_source": "YAML.COMPONENT", "componentId": "azureml://registries/azureml/components/rest/versions/2",
                  "inputs": { "model": { "job_input_type": "literal", "value": "${{parent.jobs.train.outputs.model}}" } }
                }
              }
            }
            """, body);
    }

    [Fact]
    public void The_ARM_id_of_a_default_datastore_is_sent_as_it_is()
    {
        const string id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w/datastores/shared";

        var body = JobYaml.Body($$"""{ type: pipeline, settings: { default_datastore: "azureml:{{id}}" }, jobs: {} }""");

        Assert.Equal(id, body["settings"]?["default_datastore"]?.ToString());
    }

    [Fact]
    public void A_pipeline_job_that_runs_a_component_names_the_component()
    {
        var body = JobYaml.Body("{ type: pipeline, component: azureml:churn:4, inputs: { n: 1 } }");

        Assert.Equal($"{Ws}/components/churn/versions/4", body["componentId"]?.ToString());
        Assert.Null(body["jobs"]);
    }

    [Theory]
    [InlineData("Command")]
    [InlineData("Pipeline")]
    [InlineData("Sweep")]
    public void A_job_file_with_REST_properties_keeps_the_properties_and_its_literals_become_text(string type)
    {
        var body = JobYaml.Body($"{{ jobType: {type}, computeId: c, inputs: {{ n: {{ jobInputType: literal, value: 3 }} }} }}");

        JobYaml.AssertEqual($$$"""{ "jobType": "{{{type}}}", "computeId": "c", "inputs": { "n": { "jobInputType": "literal", "value": "3" } } }""", body);
    }
}
