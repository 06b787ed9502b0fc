using System.Text.Json.Nodes;

namespace MLEvents.Rules.Tests.Jobs;

/// <summary>Inputs that a rule sets keep the type and the mode that the job file declares.</summary>
public sealed class JobInputTests
{
    private const string Job = """
        command: python train.py
        environment: azureml:e:1
        inputs:
          data: { type: uri_folder, path: azureml:churn-data:2, mode: ro_mount }
          table: { type: mltable, path: azureml:t:1 }
          model: { type: mlflow_model, path: azureml:m:1, mode: download }
          own: { type: custom_model, path: azureml:m:1 }
          file: { type: uri_file, path: https://example.com/a }
          rate: 0.1
          count: { type: integer, value: 5 }
          flag: true
          text: x
        """;

    [Theory]
    [InlineData("data: '{{ data.target }}'", "data", """{ "jobInputType": "uri_folder", "uri": "WS/data/churn-data/versions/9", "mode": "ReadOnlyMount" }""")]
    [InlineData("table: azureml:t:7", "table", """{ "jobInputType": "mltable", "uri": "WS/data/t/versions/7" }""")]
    [InlineData("model: azureml:m:8", "model", """{ "jobInputType": "mlflow_model", "uri": "WS/models/m/versions/8", "mode": "Download" }""")]
    [InlineData("own: 'runs:/r1/model'", "own", """{ "jobInputType": "custom_model", "uri": "runs:/r1/model" }""")]
    [InlineData("file: azureml:/subscriptions/s/x", "file", """{ "jobInputType": "uri_file", "uri": "/subscriptions/s/x" }""")]
    [InlineData("rate: '{{ data.rate }}'", "rate", """{ "jobInputType": "literal", "value": "0.25" }""")]
    [InlineData("rate: 3", "rate", """{ "jobInputType": "literal", "value": "3" }""")]
    [InlineData("count: '{{ data.count }}'", "count", """{ "jobInputType": "literal", "value": "12" }""")]
    [InlineData("flag: '{{ data.flag }}'", "flag", """{ "jobInputType": "literal", "value": "False" }""")]
    [InlineData("text: '{{ data.text }}'", "text", """{ "jobInputType": "literal", "value": "much" }""")]
    public void An_input_keeps_its_type_and_mode(string input, string name, string expected)
    {
        var body = JobYaml.Body(Job, $", inputs: {{ {input} }}");

        JobYaml.AssertEqual(expected.Replace("WS", TestData.Workspace, StringComparison.Ordinal), Assert.IsType<JsonObject>(body["inputs"]?[name]));
    }

    [Theory]
    [InlineData("data: '{{ data.path }}'", "the input 'data' of the job is a uri_folder: 'data/local' is a local path, and rules upload nothing; name a data asset (azureml:name:version), a path of a datastore (azureml://datastores/…/paths/…) or a URI")]
    [InlineData("rate: '{{ data.text }}'", "the input 'rate' of the job must be a number, not 'much'")]
    [InlineData("count: '{{ data.rate }}'", "the input 'count' of the job must be a whole number, not '0.25'")]
    [InlineData("flag: '{{ data.count }}'", "the input 'flag' of the job must be true or false, not '12'")]
    public void A_value_of_another_type_is_a_fault_before_anything_is_started(string input, string fault) =>
        Assert.Equal(fault, JobYaml.Plan(Job, $", inputs: {{ {input} }}").Fault);

    [Theory]
    [InlineData("data: ./local", "retraining.yaml(4,43): the input 'data' of the job is a uri_folder: './local' is a local path, and rules upload nothing; name a data asset (azureml:name:version), a path of a datastore (azureml://datastores/…/paths/…) or a URI")]
    [InlineData("count: many", "retraining.yaml(4,44): the input 'count' of the job must be a whole number, not 'many'")]
    [InlineData("dta: x", "retraining.yaml(4,37): the job declares no input 'dta'; declared: data, table, model, own, file, rate, count, flag, text; did you mean 'data'?")]
    public void An_invalid_constant_is_an_error_of_the_rule(string input, string error) =>
        Assert.Equal(error, JobYaml.Errors(Job, $", inputs: {{ {input} }}"));

    [Fact]
    public void A_data_input_of_rest_properties_keeps_its_type_and_mode_too()
    {
        var body = JobYaml.Body("{ jobType: Pipeline, inputs: { raw: { jobInputType: uri_folder, mode: Direct, uri: x } } }", ", inputs: { raw: '{{ data.target }}', more: 1 }");

        JobYaml.AssertEqual(
            $$$"""{ "raw": { "jobInputType": "uri_folder", "mode": "Direct", "uri": "{{{TestData.Workspace}}}/data/churn-data/versions/9" }, "more": { "jobInputType": "literal", "value": "1" } }""",
            Assert.IsType<JsonObject>(body["inputs"]));
    }
}
