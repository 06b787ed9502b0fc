using MLEvents.Rules.Rollouts;
using MLEvents.Tests.Common;

namespace MLEvents.Rules.Tests.Loading;

/// <summary>Reading of the strategy of a deployment rule, and the error texts for a wrong strategy.</summary>
public sealed class StrategyTests
{
    [Fact]
    public void A_strategy_without_keys_moves_all_traffic_at_once_and_deletes_nothing()
    {
        var strategy = Strategy("{}");

        Assert.Equal([new RolloutStep(100, TimeSpan.Zero)], strategy.Steps);
        Assert.Equal((FailureAction.Rollback, FailedDeploymentAction.Keep, null), (strategy.OnFailure, strategy.FailedDeployment, strategy.Keep));
        Assert.Empty(strategy.Verify);
        Assert.Empty(strategy.Metrics);
    }

    [Fact]
    public void Steps_are_percentages_or_mappings_with_their_own_bake_time()
    {
        var strategy = Strategy("{ steps: [10, { traffic: 50, bake: 2h }, 100], bake: 90s, mirror: 20, onFailure: hold, failedDeployment: delete, keep: 1, retireAfter: 24h }");

        Assert.Equal([new(10, TimeSpan.FromSeconds(90)), new(50, TimeSpan.FromHours(2)), new RolloutStep(100, TimeSpan.FromSeconds(90))], strategy.Steps);
        Assert.Equal((20, TimeSpan.FromSeconds(90)), (strategy.Mirror, strategy.MirrorBake));
        Assert.Equal((FailureAction.Hold, FailedDeploymentAction.Delete, 1, TimeSpan.FromDays(1)), (strategy.OnFailure, strategy.FailedDeployment, strategy.Keep, strategy.RetireAfter));
    }

    [Fact]
    public void A_sample_request_is_a_file_or_is_written_in_the_rule()
    {
        var strategy = Strategy("""
            { verify: [{ request: sample.json, repeat: 20, expect: { status: 201, jsonPath: "$[0].score", between: [0, 1], maxLatency: 500ms, percentile: 95, compareWithCurrent: { maxDifference: 0.1 } } },
                       { request: { rows: [1, x] }, expect: { jsonPath: $.ok, equals: true, matches: "^t" } }] }
            """);

        Assert.Equal(["""{"rows": []}""", """{"rows":[1,"x"]}"""], strategy.Verify.Select(check => check.Body));
        Assert.Equal(["sample.json", "verify[1]"], strategy.Verify.Select(check => check.Name));
        Assert.Equal(
            new AnswerExpectation { Status = 201, JsonPath = "$[0].score", Between = new(0, 1), MaxLatency = TimeSpan.FromMilliseconds(500), Percentile = 95, MaxDifferenceToCurrent = 0.1 },
            strategy.Verify[0].Expect);
        Assert.Equal(("true", "^t"), (strategy.Verify[1].Expect.EqualTo, strategy.Verify[1].Expect.Matches));
        Assert.Equal(20, strategy.Verify[0].Repeat);
    }

    [Fact]
    public void A_metric_has_absolute_and_relative_bounds()
    {
        var strategy = Strategy("{ bake: 5m, metrics: [{ name: RequestLatency_P95, min: 1, max: 400.5, maxRatio: 1.2, minRequests: 50, noData: pass }, { name: RequestErrors, maxPercent: 1 }] }");

        Assert.Equal(
            [
                new() { Name = "RequestLatency_P95", Min = 1, Max = 400.5, MaxRatio = 1.2, MinRequests = 50, NoData = MissingData.Pass },
                new MetricThreshold { Name = MetricThreshold.RequestErrors, MaxPercent = 1 },
            ],
            strategy.Metrics);
    }

    [Theory]
    [InlineData("{ verify: { request: {}, expect: { schema: sample.txt } } }", "(5,58): 'sample.txt' cannot be read: ")]
    [InlineData("{ verify: { request: {}, expect: { schema: [1] } } }", "(5,58): 'schema' is not a JSON schema: ")]
    [InlineData("{ verify: { request: {}, expect: { schema: { type: strin } } } }", "(5,58): 'schema' is not a JSON schema: ")]
    [InlineData("{ verify: { request: {}, expect: { schema: { $ref: 'https://example.com/other' } } } }", "(5,58): 'schema' is not a JSON schema: ")]
    public void A_wrong_schema_is_named_with_its_place_and_the_reason(string strategy, string expected) =>
        Assert.StartsWith(expected, Assert.Single(Errors(strategy)), StringComparison.Ordinal);

    [Fact]
    public void A_schema_is_a_file_or_is_written_in_the_rule()
    {
        var strategy = Strategy("{ verify: [{ request: {}, expect: { schema: sample.json } }, { request: {}, expect: { schema: { type: array } } }] }");

        Assert.Equal(["""{"rows": []}""", """{"type":"array"}"""], strategy.Verify.Select(check => check.Expect.Schema));
    }

    [Theory]
    [InlineData("[]", "(5,15): 'strategy' must be a mapping of keys to values")]
    [InlineData("{ step: [1] }", "(5,17): unknown key 'step'; did you mean 'steps'?")]
    [InlineData("{ steps: 10 }", "(5,24): 'steps' must be a list of 1 to 20 percentages in rising order, such as [10, 50, 100]")]
    [InlineData("{ steps: [] }", "(5,24): 'steps' must be a list of 1 to 20 percentages in rising order, such as [10, 50, 100]")]
    [InlineData("{ steps: [10, 10] }", "(5,29): 'steps' must rise: 10 follows 10")]
    [InlineData("{ steps: [0] }", "(5,25): 'traffic' must be a whole number from 1 to 100, not '0'")]
    [InlineData("{ steps: [{ bake: 1m }] }", "(5,25): 'traffic' is missing")]
    [InlineData("{ steps: [{ traffic: 5, bak: 1m }] }", "(5,39): unknown key 'bak'; did you mean 'bake'?")]
    [InlineData("{ bake: 15 }", "(5,23): 'bake' is '15', but must be a duration from 0s to 7d: a whole number of milliseconds (ms), seconds (s), minutes (m), hours (h) or days (d), such as 90s")]
    [InlineData("{ mirror: 51 }", "(5,25): 'mirror' must be a whole number from 0 to 50, not '51'")]
    [InlineData("{ onFailure: rolback }", "(5,28): 'onFailure' must be one of rollback, hold, not 'rolback'; did you mean 'rollback'?")]
    [InlineData("{ keep: 21 }", "(5,23): 'keep' must be a whole number from 0 to 20, not '21'")]
    [InlineData("{ retireAfter: 1d }", "(5,30): 'retireAfter' needs 'keep', the number of earlier deployments that stay, such as 1")]
    [InlineData("{ verify: x }", "(5,25): 'verify' must be a mapping with 'request' and 'expect', or a list of up to 20 such mappings")]
    [InlineData("{ verify: {} }", "(5,25): 'request' is missing")]
    [InlineData("{ verify: { request: no.json } }", "(5,36): 'no.json' cannot be read: the file does not exist")]
    [InlineData("{ verify: { request: ../x } }", "(5,36): '../x' is outside the rules folder")]
    [InlineData("{ verify: { request: {}, expects: {} } }", "(5,40): unknown key 'expects'; did you mean 'expect'?")]
    [InlineData("{ verify: { request: {}, expect: { status: 20 } } }", "(5,58): 'status' must be a whole number from 100 to 599, not '20'")]
    [InlineData("{ verify: { request: {}, expect: { jsonPath: \"$..score\" } } }", "(5,60): 'jsonPath' must name one value: $, then names and indexes, such as $[0].score or $['class name'], not '$..score'")]
    [InlineData("{ verify: { request: {}, expect: { equals: 1 } } }", "(5,58): 'equals' needs 'jsonPath', the place of the value in the answer, such as $[0].score")]
    [InlineData("{ verify: { request: {}, expect: { jsonPath: $, between: [2, 1] } } }", "(5,72): 'between' must be a list of the least and the largest number, such as [0, 1]")]
    [InlineData("{ verify: { request: {}, expect: { jsonPath: $, compareWithCurrent: {} } } }", "(5,83): 'maxDifference' is missing")]
    [InlineData("{ verify: { request: {}, expect: { maxLatency: 4m } } }", "(5,62): 'maxLatency' is '4m', but must be a duration from 1ms to 3m: a whole number of milliseconds (ms), seconds (s), minutes (m), hours (h) or days (d), such as 90s")]
    [InlineData("{ bake: 1m, metrics: {} }", "(5,36): 'metrics' must be a list of up to 20 mappings, such as [{ name: RequestLatency_P95, max: 400 }]")]
    [InlineData("{ bake: 1m, metrics: [{ name: RequestLatency_P95 }] }", "(5,37): a metric needs at least one of 'min', 'max', 'maxPercent' and 'maxRatio'")]
    [InlineData("{ bake: 1m, metrics: [{ name: RequestLatency_P95, maxPercent: 1 }] }", "(5,37): 'maxPercent' is for RequestErrors; use 'max' for RequestLatency_P95")]
    [InlineData("{ bake: 1m, metrics: [{ name: RequestErrors, max: 1 }] }", "(5,37): RequestErrors is a share of the requests; use 'maxPercent' or 'maxRatio'")]
    [InlineData("{ bake: 1m, metrics: [{ name: RequestLatency_P95, min: 400.5, max: 20 }] }", "(5,37): 'min' (400.5) must not exceed 'max' (20)")]
    [InlineData("{ bake: 1m, metrics: [{ name: RequestLatency_P95, maxRatio: -1 }] }", "(5,75): 'maxRatio' must be a number of at least 0, not '-1'")]
    [InlineData("{ metrics: [{ name: RequestErrors, maxPercent: 1 }] }", "(5,26): 'metrics' are watched while a step bakes; add 'bake', such as 15m")]
    public void A_wrong_strategy_is_named_with_its_place(string strategy, string expected) =>
        Assert.Equal([expected], Errors(strategy));

    [Fact]
    public void The_error_for_an_unknown_metric_suggests_the_nearest_metric() => Assert.StartsWith(
        "(5,45): unknown metric 'RequestLatency_P59'; did you mean 'RequestLatency_P", Assert.Single(Errors("{ bake: 1m, metrics: [{ name: RequestLatency_P59, max: 1 }] }")), StringComparison.Ordinal);

    [Fact]
    public void An_invalid_pattern_is_reported_with_its_position() => Assert.StartsWith(
        "(5,72): 'matches' must be a regular expression without look-arounds and back-references: ", Assert.Single(Errors("{ verify: { request: {}, expect: { jsonPath: $, matches: \"(\" } } }")), StringComparison.Ordinal);

    [Fact]
    public void A_sample_file_that_is_not_JSON_is_reported_with_the_position_in_this_file() =>
        Assert.EndsWith("broken.json(2,1): a sample request must be JSON", Assert.Single(Errors("{ verify: { request: broken.json } }")), StringComparison.Ordinal);

    [Theory]
    [InlineData("{ verify: { request: large.json } }", "(5,36): the sample request is larger than 32 KiB; it must be small, because the record of each action contains it")]
    [InlineData("{ verify: { request: accents.json } }", "(5,36): the sample request is larger than 32 KiB; it must be small, because the record of each action contains it")]
    [InlineData("{ verify: { request: {}, expect: { schema: accents.json } } }", "(5,58): 'schema' is larger than 32 KiB; it must be small, because the record of each action contains it")]
    public void A_text_with_too_many_bytes_for_the_record_is_refused(string strategy, string expected) =>
        Assert.Equal([expected], Errors(strategy));

    [Fact]
    public void The_key_traffic_is_refused_in_a_rule_with_a_strategy()
    {
        using var folder = Folder("{ endpoint: eee, location: l, traffic: 10 }", "{}");

        var error = Assert.Single(Assert.Throws<RuleFileException>(() => RuleLoader.LoadDeployments(Path.Combine(folder.Path, "deployments.yaml"))).Errors);

        Assert.Equal((4, "'traffic' cannot be used with 'strategy': the last of its 'steps' sets the final share"), (error.Line, error.Message));
    }

    private static RolloutStrategy Strategy(string strategy)
    {
        using var folder = Folder("{ endpoint: eee, location: l }", strategy);
        return RuleLoader.LoadDeployments(Path.Combine(folder.Path, "deployments.yaml")).Rules.Single().Strategy ?? throw new InvalidOperationException("The rule has no strategy.");
    }

    private static List<string> Errors(string strategy)
    {
        using var folder = Folder("{ endpoint: eee, location: l }", strategy);
        var file = Path.Combine(folder.Path, "deployments.yaml");
        return [.. Assert.Throws<RuleFileException>(() => RuleLoader.LoadDeployments(file)).Errors.Select(error => error.ToString().Replace(file, "", StringComparison.Ordinal))];
    }

    private static TempFolder Folder(string deploy, string strategy)
    {
        var folder = new TempFolder();
        folder.Write("deployments.yaml", $"deployments:\n  - name: rule\n    model: {{ name: churn }}\n    deploy: {deploy}\n    strategy: {strategy.ReplaceLineEndings(" ")}\n");
        folder.Write("sample.json", """{"rows": []}""");
        folder.Write("broken.json", "{\nx");
        folder.Write("large.json", $"[\"{new string('x', 33_000)}\"]");
        folder.Write("accents.json", $"{{\"title\": \"{new string('\u00e9', 17_000)}\"}}");
        return folder;
    }
}
