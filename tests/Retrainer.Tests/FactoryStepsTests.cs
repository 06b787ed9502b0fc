using System.Text.Json.Nodes;

using Microsoft.Extensions.Time.Testing;

using MLEvents.AzureML.Errors;
using MLEvents.Ledger;
using MLEvents.Retrainer.DataFactory;
using MLEvents.Rules.Plans;

namespace MLEvents.Retrainer.Tests;

public sealed class FactoryStepsTests
{
    private static readonly FactoryPlan Plan = new(TestData.Pipeline, new JsonObject { ["coefficient"] = "0.6" });
    private readonly FakePipelines _pipelines = new();
    private readonly FakeTimeProvider _time = new(TestData.Now);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_step_records_the_intent_and_starts_nothing()
    {
        var result = await Executor().StepAsync(TestData.Record(Plan), Token);

        var continued = Assert.IsType<Continue>(result);
        Assert.Equal((FactorySteps.Requested, TimeSpan.Zero), (continued.Stage, continued.After));
        Assert.Empty(_pipelines.Runs);
    }

    [Fact]
    public async Task The_second_step_starts_a_run_that_names_the_action_and_its_chain()
    {
        var (record, result) = await StartAsync();

        var run = Assert.Single(_pipelines.Runs);
        Assert.Equal((record.Id, "chain-1", "0.6"), (run.Parameters["mlevents_action"], run.Parameters["mlevents_correlation"], run.Parameters["coefficient"]));
        Assert.Equal("run-1", result.State["runId"]);
        Assert.Contains("run-1", result.Links["run"].ToString(), StringComparison.Ordinal);
        Assert.Equal(FactorySteps.Started, Assert.IsType<Continue>(result).Stage);
        Assert.Equal(TestData.Now - TimeSpan.FromMinutes(5), _pipelines.Since);
    }

    [Fact]
    public async Task A_run_that_a_crashed_step_started_is_adopted()
    {
        var (record, _) = await StartAsync();

        var again = await Executor().StepAsync(record, Token);

        Assert.Single(_pipelines.Runs);
        Assert.Equal("run-1", Assert.IsType<Continue>(again).State["runId"]);
    }

    [Fact]
    public async Task After_a_lost_answer_the_action_waits_before_it_looks_for_the_run()
    {
        _pipelines.Refusal = new AzureException("timed out") { Code = AzureException.TimeoutCode, IsTransient = true, RetryAfter = TimeSpan.FromSeconds(1) };
        var (record, result) = await StartAsync();
        _pipelines.Refusal = null;

        var again = await Executor().StepAsync(record, Token);

        Assert.Equal(TimeSpan.FromSeconds(30), Assert.IsType<Retry>(result).After);
        Assert.Equal(FactorySteps.Started, Assert.IsType<Continue>(again).Stage);
        Assert.Single(_pipelines.Runs);
    }

    [Fact]
    public async Task After_an_interruption_the_action_waits_before_it_looks_for_the_run()
    {
        var (record, _) = await StartAsync();
        var invisible = _pipelines.Runs[0];
        _pipelines.Runs.Clear();

        var again = Executor().StepAsync(record with { Interrupted = true }, Token);
        Assert.False(again.IsCompleted);
        _pipelines.Runs.Add(invisible);
        _time.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal("run-1", Assert.IsType<Continue>(await again).State["runId"]);
        Assert.Single(_pipelines.Runs);
    }

    [Fact]
    public async Task A_permanent_refusal_fails_the_action()
    {
        _pipelines.Refusal = new AzureException("no such pipeline") { Code = "PipelineNotFound", Status = 404 };

        var (_, result) = await StartAsync();

        Assert.Equal("PipelineNotFound: no such pipeline", Assert.IsType<Failed>(result).Detail);
    }

    [Fact]
    public async Task A_running_run_is_read_again_later()
    {
        var result = await FollowAsync("InProgress");

        Assert.Equal(FactorySteps.Started, Assert.IsType<Continue>(result).Stage);
    }

    [Fact]
    public async Task A_run_that_succeeded_is_a_success()
    {
        var result = await FollowAsync("Succeeded");

        Assert.Equal("run run-1 of retrain succeeded", Assert.IsType<Succeeded>(result).Detail);
    }

    [Theory]
    [InlineData("Failed", "copy failed", "copy failed")]
    [InlineData("Cancelled", "", "Data Factory gives no reason")]
    public async Task A_run_that_did_not_succeed_fails_the_action_with_its_reason(string status, string message, string reason)
    {
        var result = await FollowAsync(status, message);

        Assert.Contains($"ended as {status}: {reason}", Assert.IsType<Failed>(result).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_cannot_be_read_yet_is_read_again()
    {
        var (record, result) = await StartAsync();
        _pipelines.Runs.Clear();

        var next = await Executor().StepAsync(TestData.After(record, result), Token);

        Assert.IsType<Retry>(next);
    }

    [Fact]
    public async Task Parameters_get_the_types_that_the_pipeline_declares()
    {
        _pipelines.Declared = new()
        {
            ["mlevents_action"] = "String",
            ["mlevents_correlation"] = "String",
            ["i"] = "Int",
            ["f"] = "Float",
            ["b"] = "Bool",
            ["a"] = "Array",
            ["o"] = "Object",
            ["s"] = "SecureString",
            ["j"] = "int",
            ["g"] = "Float",
            ["c"] = "bool",
            ["l"] = "Array",
            ["m"] = "Object",
            ["t"] = "String",
        };
        var record = TestData.Record(new FactoryPlan(TestData.Pipeline, JsonNode.Parse("""
            { "i": "7", "f": "0.5", "b": "true", "a": "[1]", "o": "{\"x\":1}", "s": "x", "j": 8, "g": 2, "c": false, "l": ["y"], "m": {"z": null}, "t": 3 }
            """)?.AsObject() ?? []));

        var intended = await Executor().StepAsync(record, Token);
        await Executor().StepAsync(TestData.After(record, intended), Token);

        var given = Assert.Single(_pipelines.Given);
        given.Remove("mlevents_action");
        given.Remove("mlevents_correlation");
        Assert.Equal("""{"i":7,"f":0.5,"b":true,"a":[1],"o":{"x":1},"s":"x","j":8,"g":2,"c":false,"l":["y"],"m":{"z":null},"t":"3"}""", given.ToJsonString());
    }

    [Theory]
    [InlineData("Int", "\"1.5\"")]
    [InlineData("Float", "\"much\"")]
    [InlineData("Bool", "\"yes\"")]
    [InlineData("Array", "\"[1\"")]
    [InlineData("Array", "{}")]
    [InlineData("Object", "\"[1]\"")]
    [InlineData("String", "[1]")]
    [InlineData("Int", "null")]
    public async Task No_run_is_started_if_a_value_does_not_have_the_declared_type(string type, string value)
    {
        _pipelines.Declared = new() { ["mlevents_action"] = "String", ["mlevents_correlation"] = "String", ["p"] = type };
        var record = TestData.Record(new FactoryPlan(TestData.Pipeline, new JsonObject { ["p"] = JsonNode.Parse(value) }));

        var result = await Executor().StepAsync(record, Token);

        Assert.Equal($"no run was started: the parameter 'p' is declared as {type}, but {value} is not a value of this type", Assert.IsType<Failed>(result).Detail);
        Assert.Empty(_pipelines.Runs);
    }

    [Fact]
    public async Task No_run_is_started_if_the_pipeline_does_not_declare_a_parameter()
    {
        _pipelines.Declared = new() { ["mlevents_correlation"] = "String" };

        var result = await Executor().StepAsync(TestData.Record(Plan), Token);

        var detail = Assert.IsType<Failed>(result).Detail;
        Assert.Contains("the pipeline declares no parameter 'coefficient'", detail, StringComparison.Ordinal);
        Assert.Contains("the pipeline declares no parameter 'mlevents_action'; declare it with the type String", detail, StringComparison.Ordinal);
        Assert.Empty(_pipelines.Runs);
    }

    [Fact]
    public async Task A_pipeline_that_does_not_exist_fails_the_action()
    {
        _pipelines.Declared = null;

        var result = await Executor().StepAsync(TestData.Record(Plan), Token);

        Assert.Equal("pipeline retrain does not exist in factory adf-local", Assert.IsType<Failed>(result).Detail);
    }

    private Retraining Executor() => TestData.Executor(pipelines: _pipelines, time: _time);

    private async Task<(ActionRecord Record, StepResult Result)> StartAsync()
    {
        var fresh = TestData.Record(Plan);
        var record = TestData.After(fresh, await Executor().StepAsync(fresh, Token));
        return (record, await Executor().StepAsync(record, Token));
    }

    private async Task<StepResult> FollowAsync(string status, string message = "")
    {
        var (record, result) = await StartAsync();
        _pipelines.Become(status, message);
        return await Executor().StepAsync(TestData.After(record, result), Token);
    }
}
