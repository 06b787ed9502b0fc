using MLEvents.AzureML.Scoring;
using MLEvents.Deployer.Verification;
using MLEvents.Rules.Rollouts;

namespace MLEvents.Deployer.Tests;

/// <summary>Tests <see cref="AnswerCheck"/>: it compares the answers to a sample request with the expectation of the rule, and reports a difference with the request and the answer.</summary>
public sealed class AnswerCheckTests
{
    [Theory]
    [InlineData("""{"label":"churn","score":0.25}""", null)]
    [InlineData("""{"label":"stay","score":0.25}""", "$.label is \"stay\", expected \"churn\"")]
    [InlineData("""{"score":0.25}""", "the answer has no value at $.label")]
    [InlineData("<html>", "the answer has no value at $.label")]
    public void A_value_must_equal_the_expected_value(string body, string? fault) => Check(new() { JsonPath = "$.label", EqualTo = "\"churn\"" }, body, fault);

    [Theory]
    [InlineData("[1]", "1.0", null)]
    [InlineData("[[1, 2]]", "[1,2]", null)]
    [InlineData("[\"1\"]", "1", "$[0] is \"1\", expected 1")]
    public void Values_are_compared_as_json(string body, string expected, string? fault) => Check(new() { JsonPath = "$[0]", EqualTo = expected }, body, fault);

    [Theory]
    [InlineData("""[{"score":0.5}]""", null)]
    [InlineData("""[{"score":"high"}]""", "the answer does not fit the schema: /0/score: Value is \"string\" but should be \"number\"")]
    [InlineData("""[{}]""", "the answer does not fit the schema: /0: Required properties [\"score\"] are not present")]
    [InlineData("{}", "the answer does not fit the schema: the whole answer: Value is \"object\" but should be \"array\"")]
    [InlineData("<html>", "the answer is not JSON, and the rule has a schema for it")]
    public void An_answer_must_match_the_schema(string body, string? fault) => Check(
        new() { Schema = """{ "$id": "https://example.com/answer", "type": "array", "items": { "type": "object", "required": ["score"], "properties": { "score": { "type": "number" } } } }""" }, body, fault);

    [Theory]
    [InlineData("[\"v2-eu\"]", null)]
    [InlineData("[17]", "$[0] is 17, which does not match ^v[0-9]")]
    public void A_value_must_match_the_expression(string body, string? fault) => Check(new() { JsonPath = "$[0]", Matches = "^v[0-9]" }, body, fault);

    [Theory]
    [InlineData("[0]", null)]
    [InlineData("[\"0.5\"]", null)]
    [InlineData("[1.01]", "$[0] is 1.01, expected 0 to 1")]
    [InlineData("[null]", "$[0] is null, expected 0 to 1")]
    [InlineData("[\"NaN\"]", "$[0] is \"NaN\", expected 0 to 1")]
    public void A_value_must_be_between_the_bounds(string body, string? fault) => Check(new() { JsonPath = "$[0]", Between = new(0, 1) }, body, fault);

    [Theory]
    [InlineData(100, 95, null)]
    [InlineData(101, 95, "percentile 95 of the latency is 101 ms over 20 requests, at most 100 ms is allowed")]
    [InlineData(100, 100, "percentile 100 of the latency is 900 ms over 20 requests, at most 100 ms is allowed")]
    public void Latencies_above_the_percentile_do_not_count(int milliseconds, int percentile, string? fault)
    {
        var answers = Enumerable.Range(0, 20).Select(index => Answer("[]") with { Latency = TimeSpan.FromMilliseconds(index == 7 ? 900 : milliseconds) }).ToList();

        var found = AnswerCheck.FindFault(Sample(new() { MaxLatency = TimeSpan.FromMilliseconds(100), Percentile = percentile }), answers, current: null);

        Assert.Equal(fault is null ? null : $"verification 'sample': {fault}", found);
    }

    [Theory]
    [InlineData("[0.5]", "[0.6]", null)]
    [InlineData("[0.5]", "[0.61]", "$[0] is 0.5, but 0.61 from the deployment in service; the rule allows a difference of 0.1")]
    [InlineData("[\"yes\"]", "[\"yes\"]", null)]
    [InlineData("[\"yes\"]", "[\"no\"]", "$[0] is \"yes\", but \"no\" from the deployment in service; the rule allows a difference of 0.1")]
    [InlineData("[1]", "oops", "the deployment in service answered with status 200 and no value at $[0], so the answers cannot be compared")]
    public void The_value_must_be_near_that_of_the_deployment_in_service(string own, string current, string? fault)
    {
        var found = AnswerCheck.FindFault(Sample(new() { JsonPath = "$[0]", MaxDifferenceToCurrent = 0.1 }), [Answer(own)], Answer(current));

        Assert.Equal(fault is null ? null : $"verification 'sample': {fault}\n--- request\n{{}}\n--- answer\n{own}", found);
    }

    [Fact]
    public void Every_answer_must_meet_the_expectation_and_the_evidence_is_short()
    {
        var found = AnswerCheck.FindFault(Sample(new()), [Answer("[]"), Answer(new string('x', 5000)) with { Status = 424 }], current: null);

        Assert.StartsWith("verification 'sample', request 2 of 2: the status is 424, expected 200\n--- request\n{}\n--- answer\nxxx", found, StringComparison.Ordinal);
        Assert.InRange(found?.Length ?? 0, 400, 600);
    }

    [Fact]
    public void A_quoted_text_does_not_end_in_half_a_character()
    {
        var text = new string('x', 398);

        Assert.Equal(text + "…", AnswerCheck.Quote(text + "😀😀"));
        Assert.Equal(text + "é…", AnswerCheck.Quote(text + "é😀"));
    }

    private static void Check(AnswerExpectation expect, string body, string? fault) => Assert.Equal(
        fault is null ? null : $"verification 'sample': {fault}\n--- request\n{{}}\n--- answer\n{body}", AnswerCheck.FindFault(Sample(expect), [Answer(body)], current: null));

    private static SampleCheck Sample(AnswerExpectation expect) => new() { Name = "sample", Body = "{}", Expect = expect };

    private static ScoringResult Answer(string body) => new(200, body, IsTruncated: false, TimeSpan.FromMilliseconds(1), null);
}
