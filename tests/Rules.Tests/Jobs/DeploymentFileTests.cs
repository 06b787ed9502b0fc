using MLEvents.Events;
using MLEvents.Rules.Plans;
using MLEvents.Tests.Common;

namespace MLEvents.Rules.Tests.Jobs;

/// <summary>Deployment files of <c>az ml online-deployment create</c>.</summary>
public sealed class DeploymentFileTests
{
    private const string Workspace = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w";

    private const string Managed = """
        $schema: https://azuremlschemas.azureedge.net/latest/managedOnlineDeployment.schema.json
        name: blue
        endpoint_name: churn
        model: azureml:churn:1
        description: Churn
        tags: { team: growth, model: old }
        environment: azureml:churn-env:3
        code_configuration: { code: azureml:churn-code:2, scoring_script: score.py }
        environment_variables: { WORKERS: 4 }
        instance_type: Standard_F4s_v2
        instance_count: 3
        app_insights_enabled: true
        egress_public_network_access: disabled
        model_mount_path: /var/models
        request_settings: { request_timeout_ms: 3000, max_concurrent_requests_per_instance: 4, max_queue_wait_ms: 500 }
        liveness_probe: { initial_delay: 30, period: 10, timeout: 2, success_threshold: 1, failure_threshold: 30 }
        readiness_probe: { initial_delay: 10 }
        scale_settings: { type: default }
        """;

    [Fact]
    public void A_managed_deployment_becomes_the_body_of_the_rest_api()
    {
        var target = Target(Managed);

        JobYaml.AssertEqual($$"""
            {
              "endpointComputeType": "Managed", "description": "Churn", "instanceType": "Standard_F4s_v2",
              "environmentId": "{{Workspace}}/environments/churn-env/versions/3",
              "codeConfiguration": { "codeId": "{{Workspace}}/codes/churn-code/versions/2", "scoringScript": "score.py" },
              "environmentVariables": { "WORKERS": "4" }, "modelMountPath": "/var/models", "appInsightsEnabled": true, "egressPublicNetworkAccess": "Disabled",
              "livenessProbe": { "failureThreshold": 30, "successThreshold": 1, "timeout": "PT2S", "period": "PT10S", "initialDelay": "PT30S" },
              "readinessProbe": { "initialDelay": "PT10S" },
              "requestSettings": { "requestTimeout": "PT3S", "maxConcurrentRequestsPerInstance": 4, "maxQueueWait": "PT0.5S" },
              "scaleSettings": { "scaleType": "Default" }
            }
            """, target.Properties ?? []);
        Assert.Equal(("Standard_F4s_v2", 3), (target.InstanceType, target.InstanceCount));
        Assert.Equal(new Dictionary<string, string> { ["team"] = "growth", ["model"] = "churn:7" }, target.Tags);
    }

    [Fact]
    public void A_kubernetes_deployment_has_resources_and_scale_settings_and_needs_no_instance_type()
    {
        var target = Target("""
            type: kubernetes
            scale_settings: { type: target_utilization, min_instances: 1, max_instances: 5, polling_interval: 10, target_utilization_percentage: 70 }
            resources: { requests: { cpu: "0.1", memory: 0.5Gi }, limits: { cpu: 1, memory: 2Gi, nvidia.com/gpu: 1 } }
            """, ", compute: azureml:k8s");

        JobYaml.AssertEqual("""
            {
              "endpointComputeType": "Kubernetes",
              "scaleSettings": { "scaleType": "TargetUtilization", "minInstances": 1, "maxInstances": 5, "pollingInterval": "PT10S", "targetUtilizationPercentage": 70 },
              "containerResourceRequirements": { "containerResourceRequests": { "cpu": "0.1", "memory": "0.5Gi" }, "containerResourceLimits": { "cpu": "1", "memory": "2Gi", "gpu": "1" } }
            }
            """, target.Properties ?? []);
        Assert.Null(target.InstanceType);
        Assert.Equal((1, $"{Workspace}/computes/k8s"), (target.InstanceCount, target.ComputeId));
    }

    [Fact]
    public void The_data_collector_is_translated_as_the_cli_translates_it()
    {
        var target = Target("""
            data_collector:
              sampling_rate: 0.5
              rolling_rate: hour
              request_logging: { capture_headers: [x-tenant] }
              collections:
                model_inputs: { enabled: 'True', data: azureml:churn-inputs:1 }
                model_outputs: { enabled: false, client_id: c }
            """);

        JobYaml.AssertEqual($$"""
            {
              "endpointComputeType": "Managed",
              "dataCollector": {
                "collections": {
                  "model_inputs": { "dataCollectionMode": "Enabled", "dataId": "{{Workspace}}/data/churn-inputs/versions/1", "samplingRate": 0.5 },
                  "model_outputs": { "dataCollectionMode": "Disabled", "clientId": "c", "samplingRate": 0.5 }
                },
                "rollingRate": "Hour",
                "requestLogging": { "captureHeaders": ["x-tenant"] }
              }
            }
            """, target.Properties ?? []);
    }

    [Fact]
    public void The_keys_of_the_rule_are_templates_and_take_precedence_over_the_file()
    {
        var target = Target(Managed, """, instanceType: "{{ data.machine }}", instanceCount: "{{ data.count }}", environmentId: "azureml:env-{{ model.name }}:1" """, location: "{{ data.region }}");

        Assert.Equal(("Standard_F8s_v2", 5, "northeurope"), (target.InstanceType, target.InstanceCount, target.Location));
        Assert.Equal($"{Workspace}/environments/env-churn/versions/1", target.EnvironmentId);
    }

    [Theory]
    [InlineData(""", instanceCount: "{{ data.region }}" """, "instanceCount: 'northeurope' must be a whole number from 1 to 100.")]
    [InlineData(""", environmentId: "azureml:{{ data.region }}" """, "environmentId: 'azureml:northeurope' is not a reference to an environment with a version, such as azureml:name:version")]
    public void A_template_that_renders_to_an_invalid_value_is_a_fault(string keys, string fault) => Assert.Equal(fault, Plan("type: managed", keys).Fault);

    [Theory]
    [InlineData("environment: { image: x }", "deployment.yaml(1,14): the environment cannot be written in the deployment; register it (az ml environment create --file …) and refer to it with azureml:name:version")]
    [InlineData("code_configuration: { code: ../src, scoring_script: score.py }", "deployment.yaml(1,29): 'code: ../src' is not a registered code asset, and rules upload nothing; create the deployment once with the Azure CLI, which registers the code, and name that code asset (code: azureml:name:version), or build the code into the environment's image")]
    [InlineData("code_configuration: { code: azureml:c:1 }", "deployment.yaml(1,21): 'scoring_script' is missing")]
    [InlineData("livness_probe: {}", "deployment.yaml(1,1): unknown key 'livness_probe'; did you mean 'liveness_probe'?")]
    [InlineData("liveness_probe: { delay: 3 }", "deployment.yaml(1,19): unknown key 'delay'")]
    [InlineData("liveness_probe: { timeout: soon }", "deployment.yaml(1,28): 'timeout' must be a whole number from 1 to 2147483647, not 'soon'")]
    [InlineData("type: serverless", "deployment.yaml(1,7): 'type' must be one of managed, kubernetes, not 'serverless'")]
    [InlineData("resources: {}", "deployment.yaml(1,12): 'resources' is for deployments with 'type: kubernetes'; 'instance_type' sets the resources of a managed deployment")]
    [InlineData("type: kubernetes\negress_public_network_access: disabled", "deployment.yaml(2,31): 'egress_public_network_access' is for managed deployments; the cluster's network policies apply to a Kubernetes deployment")]
    [InlineData("scale_settings: { max_instances: 5 }", "deployment.yaml(1,17): the other keys of 'scale_settings' need 'type: target_utilization'; with 'type: default', 'instance_count' sets the number of instances at the start, and Azure Monitor's autoscale rules can change the number")]
    [InlineData("instance_count: 0", "deployment.yaml(1,17): 'instance_count' must be a whole number from 1 to 100, not '0'")]
    [InlineData("app_insights_enabled: often", "deployment.yaml(1,23): 'app_insights_enabled' must be true or false, not 'often'")]
    [InlineData("- blue", "deployments.yaml(4,66): 'deployment.yaml' must be a mapping, as 'az ml online-deployment create' requires")]
    public void Content_that_cannot_be_translated_is_reported_with_its_position(string file, string error) => Assert.Contains(error, Errors(file));

    [Theory]
    [InlineData(", compute: k8s", "deployments.yaml(4,149): 'k8s' must begin with 'azureml:': azureml:k8s")]
    [InlineData(", identity: me", "deployments.yaml(4,150): 'me' is not the ARM id of a user-assigned identity: /subscriptions/…/providers/Microsoft.ManagedIdentity/userAssignedIdentities/…")]
    [InlineData(", instanceCount: 101", "deployments.yaml(4,155): 'instanceCount' must be a whole number from 1 to 100, not '101'")]
    [InlineData(", environmentId: env", "deployments.yaml(4,155): 'env' is not a reference to an environment with a version, such as azureml:name:version")]
    public void A_wrong_key_of_the_rule_is_named_with_its_place(string keys, string error) => Assert.Contains(error, Errors("type: managed", keys));

    private static IEnumerable<string> Errors(string file, string keys = "") =>
        Assert.Throws<RuleFileException>(() => Load(file, keys)).Errors.Select(error => $"{Path.GetFileName(error.File)}({error.Line},{error.Column}): {error.Message}");

    private static RolloutTarget Target(string file, string keys = "", string location = "westeurope") => Plan(file, keys, location) is { Plan: { } target } ? target : throw new InvalidOperationException(Plan(file, keys, location).Fault);

    private static Planned<RolloutTarget> Plan(string file, string keys = "", string location = "westeurope")
    {
        var registered = TestData.Event("""{ "modelName": "churn", "modelVersion": "7", "machine": "Standard_F8s_v2", "count": "5", "region": "northeurope" }""", EventTypes.ModelRegistered) with { Source = Workspace };
        return RolloutTarget.Create(Load(file, keys, location), registered);
    }

    private static DeploymentRule Load(string file, string keys, string location = "westeurope")
    {
        using var folder = new TempFolder();
        folder.Write("deployment.yaml", file);
        return RuleLoader.LoadDeployments(folder.Write("deployments.yaml", $$$"""
            deployments:
              - name: r
                model: { name: churn }
                deploy: { endpoint: eee, location: "{{{location}}}", deployment: deployment.yaml, tags: { model: "{{ model.name }}:{{ model.version }}" }{{{keys}}} }
            """)).Rules.Single();
    }
}
