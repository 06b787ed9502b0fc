using System.Text.Json.Nodes;

namespace MLEvents.Rules.Tests.Jobs;

/// <summary>A job file with the content of an official example of the REST API becomes the body of that example.</summary>
public sealed class OfficialExampleTests
{
    // These members are not compared, because the examples have "string" where a job file needs a reference or a known type of service.
    private static readonly string[] References = ["computeId", "codeId", "environmentId", "services"];

    [Fact]
    public void A_command_job_becomes_the_body_of_the_official_example() => AssertSame("Job_CommandJob_createOrUpdate.json", """
        type: command
        description: string
        tags: { string: string }
        properties: { string: string }
        display_name: string
        experiment_name: string
        command: string
        compute: azureml:c
        code: azureml:c:1
        environment: azureml:e:1
        environment_variables: { string: string }
        resources: { instance_count: 1, instance_type: string }
        inputs: { string: string }
        outputs: { string: { type: uri_file, mode: rw_mount, path: azureml://datastores/d/paths/p } }
        distribution: { type: tensorflow, worker_count: 1, parameter_server_count: 1 }
        limits: { timeout: 300 }
        identity: { type: aml_token }
        """);

    [Fact]
    public void A_pipeline_job_becomes_the_body_of_the_official_example() => AssertSame("Job_PipelineJob_createOrUpdate.json", """
        type: pipeline
        description: string
        tags: { string: string }
        properties: { string: string }
        display_name: string
        experiment_name: string
        compute: azureml:c
        component: azureml:c:1
        inputs: { string: string }
        outputs: { string: { type: uri_file, mode: upload, path: azureml://datastores/d/paths/p } }
        """, "componentId", "settings");

    private static void AssertSame(string example, string job, params string[] others)
    {
        var expected = JsonNode.Parse(File.ReadAllText(Files.Reference($"arm/machinelearning/{example}")))?["parameters"]?["body"]?["properties"]?.AsObject() ?? throw new InvalidOperationException(example);
        var actual = JobYaml.Body(job);
        (expected["inputs"]?["string"])?.AsObject().Remove("description");
        (expected["outputs"]?["string"])?.AsObject().Remove("description");
        (expected["resources"])?.AsObject().Remove("properties");
        (expected["outputs"]?["string"])?["uri"] = "azureml://datastores/d/paths/p";
        foreach (var name in References.Concat(others))
        {
            expected.Remove(name);
            actual.Remove(name);
        }

        JobYaml.AssertEqual(expected.ToJsonString(), actual);
    }
}
