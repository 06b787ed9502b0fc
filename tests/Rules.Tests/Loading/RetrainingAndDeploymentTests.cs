using MLEvents.Rules.Templates;
using MLEvents.Tests.Common;

namespace MLEvents.Rules.Tests.Loading;

/// <summary>Reading of retraining and deployment rules, and the error texts for wrong rules.</summary>
public sealed class RetrainingAndDeploymentTests
{
    private const string Factory = "/subscriptions/s/resourceGroups/g/providers/Microsoft.DataFactory/factories/f/pipelines/p";

    [Theory]
    [InlineData("{}", "(4,10): 'run' needs exactly one of 'job', 'pipelineJob', 'dataFactory' and 'batchEndpoint'")]
    [InlineData("{ pipelineJob: job.yaml, dataFactory: x, inputs: {}, parameters: {} }", "(4,10): 'run' needs exactly one of 'job', 'pipelineJob', 'dataFactory' and 'batchEndpoint'")]
    [InlineData("{ pipelineJob: job.yaml, parameters: {} }", "(4,35): unknown key 'parameters'")]
    [InlineData("{ pipelineJob: job.yaml, cooldown: 6h }", "(4,35): unknown key 'cooldown'")]
    [InlineData("{ pipelineJob: job.yaml, workspace: /x }", "(4,46): '/x' is not the ARM id of a workspace")]
    [InlineData("{ pipelineJob: job.yaml, inputs: { a: \"{{ foo }}\" } }", "(4,49): unknown variable 'foo'")]
    [InlineData("{ pipelineJob: job.yaml, inputs: { a: [b] } }", "(4,48): 'inputs.a' must be a string")]
    [InlineData("{ pipelineJob: list.yaml }", "(4,25): 'list.yaml' must be a mapping with the properties of a job")]
    [InlineData("{ pipelineJob: job.yaml, inputs: { raw: x } }", "(4,50): the input 'raw' of the job is a uri_folder: 'x' is a local path, and rules upload nothing; name a data asset (azureml:name:version), a path of a datastore (azureml://datastores/…/paths/…) or a URI")]
    [InlineData("{ dataFactory: /subscriptions/s }", "(4,25): 'dataFactory' must be the ARM id of a pipeline: /subscriptions/…/resourceGroups/…/providers/Microsoft.DataFactory/factories/…/pipelines/…")]
    public void A_wrong_run_is_named_with_its_place(string run, string expected) =>
        Assert.Equal([expected], RetrainingErrors(run));

    [Theory]
    [InlineData("kind.yaml", "(1,10): 'jobType: Pipeline' is missing; for another type of job, or for the YAML of 'az ml job create', write 'job' instead of 'pipelineJob'")]
    [InlineData("empty.yaml", "(1,1): 'jobType: Pipeline' is missing; for another type of job, or for the YAML of 'az ml job create', write 'job' instead of 'pipelineJob'")]
    public void The_error_about_a_wrong_job_file_has_the_path_of_the_job_file(string job, string expected) =>
        Assert.EndsWith($"{job}{expected}", Assert.Single(RetrainingErrors($"{{ pipelineJob: {job} }}")), StringComparison.Ordinal);

    [Fact]
    public void A_job_file_becomes_json_with_literals_as_text()
    {
        using var folder = Folder("{ pipelineJob: job.yaml, workspace: " + TestData.Workspace + ", experimentName: \"e-{{ id }}\" }");

        var run = Assert.IsType<JobRun>(RuleLoader.LoadRetraining(Path.Combine(folder.Path, "retraining.yaml")).Rules.Single().Run);

        Assert.Equal("""{"jobType":"Pipeline","inputs":{"n":{"jobInputType":"literal","value":"3"},"raw":{"jobInputType":"uri_folder","uri":"x"}},"list":[1,2.5,true,null,"x","4"]}""", run.CreateJob().ToJsonString());
        Assert.Equal("ml-local", run.Workspace?.Name);
        Assert.Equal("e-event-1", run.ExperimentName?.Render(TemplateModel.For(TestData.Event())));
        Assert.Null(run.DisplayName);
    }

    [Fact]
    public void A_data_factory_is_read_from_its_id()
    {
        using var folder = Folder($"{{ dataFactory: {Factory}, parameters: {{ n: '3', i: 3, b: true, f: 0.5, l: [a, \"{{{{ id }}}}\", 1], m: {{ k: ~ }} }} }}");

        var run = Assert.IsType<DataFactoryRun>(RuleLoader.LoadRetraining(Path.Combine(folder.Path, "retraining.yaml")).Rules.Single().Run);

        Assert.Equal(("s", "g", "f", "p"), (run.SubscriptionId, run.ResourceGroup, run.Factory, run.Pipeline));
        var values = run.Parameters.Select(parameter => parameter.Value.Render(TemplateModel.For(TestData.Event()))?.ToJsonString());
        Assert.Equal(["\"3\"", "3", "true", "0.5", """["a","event-1",1]""", """{"k":null}"""], values);
    }

    [Fact]
    public void The_retry_policy_and_the_timeout_are_read()
    {
        var plain = Rule("retry: rerunFailed", "timeout: 12h");
        var full = Rule("retry: { attempts: 3, on: [Failed, NotResponding], wait: 5m, from: FailedActivity }");

        Assert.Equal((2, "Failed", TimeSpan.FromMinutes(10), true), (plain.Retry?.Attempts, string.Join(',', plain.Retry?.On ?? []), plain.Retry?.Wait, plain.Retry?.FromFailure));
        Assert.Equal(TimeSpan.FromHours(12), plain.Timeout);
        Assert.Equal((3, "Failed,NotResponding", TimeSpan.FromMinutes(5), true), (full.Retry?.Attempts, string.Join(',', full.Retry?.On ?? []), full.Retry?.Wait, full.Retry?.FromFailure));
        Assert.Null(full.Timeout);
        Assert.Null(Rule("enabled: true").Retry);
    }

    [Theory]
    [InlineData("retry: always", "(5,12): 'retry' must be 'rerunFailed', or a mapping with the keys 'attempts', 'on', 'wait' and 'from', not 'always'")]
    [InlineData("retry: { attempts: 1 }", "(5,24): 'attempts' must be a whole number from 2 to 10, not '1'")]
    [InlineData("retry: { on: [Fail] }", "(5,19): 'on' can contain only Failed, Canceled, NotResponding, TimedOut, not 'Fail'")]
    [InlineData("retry: { wait: 10s }", "(5,20): 'wait' is '10s', but must be a duration from 1m to 1d: a whole number of minutes (m), hours (h) or days (d), such as 90m")]
    [InlineData("retry: { after: 1m }", "(5,14): unknown key 'after'")]
    [InlineData("timeout: 91d", "(5,14): 'timeout' is '91d', but must be a duration from 1m to 90d: a whole number of minutes (m), hours (h) or days (d), such as 90m")]
    public void A_wrong_retry_or_timeout_is_named_with_its_place(string key, string expected) =>
        Assert.Equal([expected], RetrainingErrors($"{{ dataFactory: {Factory} }}\n    {key}"));

    [Theory]
    [InlineData("{ endpoint: eee }", "(4,13): 'location' is missing")]
    [InlineData("{ location: l }", "(4,13): 'endpoint' is missing")]
    [InlineData("{ endpoint: eee, location: l, instanceCount: 0 }", "(4,58): 'instanceCount' must be a whole number from 1 to 100, not '0'")]
    [InlineData("{ endpoint: eee, location: l, traffic: 101 }", "(4,52): 'traffic' must be a whole number from 0 to 100, not '101'")]
    [InlineData("{ endpoint: eee, location: l, authMode: Kee }", "(4,53): 'authMode' must be one of Key, AMLToken, AADToken, not 'Kee'; did you mean 'Key'?")]
    [InlineData("{ endpoint: eee, location: l, codeConfiguration: { codeId: x } }", "(4,62): 'scoringScript' is missing")]
    [InlineData("{ endpoint: \"{{ model.nme }}\", location: l }", "(4,26): unknown variable 'model.nme'; did you mean 'name'?")]
    [InlineData("{ endpoint: churn_scoring, location: l }", "(4,25): the endpoint name 'churn_scoring' must be 3 to 32 letters, digits and hyphens, begin with a letter and end with a letter or digit; the filter 'resource_name: 32' makes such a name")]
    [InlineData("{ endpoint: eee, location: west_europe }", "(4,40): the location 'west_europe' must be the name of an Azure region, such as westeurope: 1 to 64 letters, digits and spaces")]
    [InlineData("{ endpoint: eee, location: ' ' }", "(4,40): the location ' ' must be the name of an Azure region, such as westeurope: 1 to 64 letters, digits and spaces")]
    [InlineData("{ endpoint: eee, location: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa }", "(4,40): the location 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' must be the name of an Azure region, such as westeurope: 1 to 64 letters, digits and spaces")]
    [InlineData("{ endpoint: eee, location: l, strategy: canary }", "(4,43): unknown key 'strategy'")]
    public void A_wrong_deployment_is_named_with_its_place(string deploy, string expected) =>
        Assert.Equal([expected], DeploymentErrors("model: { name: churn }", deploy));

    [Fact]
    public void The_place_of_a_second_roll_out_to_an_endpoint_is_correct_even_after_an_invalid_roll_out() => Assert.Equal(
        ["(4,14): 'endpoint' is missing", "(4,63): endpoint 'eee' is in 'deploy' twice; a model has one roll-out for each endpoint"],
        DeploymentErrors("model: { name: churn }", "[{ location: l }, { endpoint: eee, location: l }, { endpoint: eee, location: l }]"));

    [Theory]
    [InlineData("model: {}", "(3,12): 'model' needs at least one of 'name', 'version', 'tags', 'properties', 'stage' and 'registry'")]
    [InlineData("model: { nme: x, name: y }", "(3,14): unknown key 'nme'; did you mean 'name'?")]
    [InlineData("model: { tags: { a: { b: c } } }", "(3,25): 'tags.a' must be a string")]
    [InlineData("enabled: true", "(2,5): 'when' is missing")]
    public void A_wrong_model_is_named_with_its_place(string model, string expected) =>
        Assert.Contains(expected, DeploymentErrors(model, "{ endpoint: eee, location: l }"));

    [Fact]
    public void All_keys_of_a_deployment_are_read()
    {
        using var folder = new TempFolder();
        var file = folder.Write("deployments.yaml", Deployment("when: {}", "{ endpoint: eee, location: l, instanceType: t, instanceCount: 3, authMode: aadtoken, traffic: 10, environmentId: 'azureml:e:1', codeConfiguration: { codeId: c, scoringScript: score.py } }"));

        var deploy = RuleLoader.LoadDeployments(file).Rules.Single().Deploy;

        Assert.Equal(("t", "3", EndpointAuthMode.AADToken, 10, "azureml:e:1"), (deploy.InstanceType?.Source, deploy.InstanceCount?.Source, deploy.AuthMode, deploy.Traffic, deploy.EnvironmentId?.Source));
        Assert.Equal(new ScoringCode("c", "score.py"), deploy.CodeConfiguration);
    }

    private static List<string> DeploymentErrors(string model, string deploy)
    {
        using var folder = new TempFolder();
        var file = folder.Write("deployments.yaml", Deployment(model, deploy));
        return Errors(file, () => RuleLoader.LoadDeployments(file));
    }

    private static List<string> RetrainingErrors(string run)
    {
        using var folder = Folder(run);
        var file = Path.Combine(folder.Path, "retraining.yaml");
        return Errors(file, () => RuleLoader.LoadRetraining(file));
    }

    private static RetrainingRule Rule(params string[] keys)
    {
        using var folder = Folder($"{{ dataFactory: {Factory} }}{string.Concat(keys.Select(key => $"\n    {key}"))}");
        return RuleLoader.LoadRetraining(Path.Combine(folder.Path, "retraining.yaml")).Rules.Single();
    }

    private static string Deployment(string model, string deploy) => $"deployments:\n  - name: rule\n    {model}\n    deploy: {deploy}\n";

    private static TempFolder Folder(string run)
    {
        var folder = new TempFolder();
        folder.Write("retraining.yaml", $"retraining:\n  - name: rule\n    when: {{}}\n    run: {run}\n");
        folder.Write("job.yaml", "jobType: Pipeline\ninputs: { n: { jobInputType: literal, value: 3 }, raw: { jobInputType: uri_folder, uri: x } }\nlist: [1, 2.5, true, ~, x, '4']\n");
        folder.Write("kind.yaml", "jobType: Command\n");
        folder.Write("empty.yaml", "{}\n");
        folder.Write("list.yaml", "[]\n");
        return folder;
    }

    private static List<string> Errors(string file, Action load) =>
        [.. Assert.Throws<RuleFileException>(load).Errors.Select(error => error.ToString().Replace(file, "", StringComparison.Ordinal))];
}
