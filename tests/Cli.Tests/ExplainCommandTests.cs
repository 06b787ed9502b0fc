namespace MLEvents.Cli.Tests;

/// <summary><c>mlevents explain</c>.</summary>
public sealed class ExplainCommandTests
{
    private const string Explanation = """
        {
          "id": "e-1", "key": "k", "type": "Microsoft.MachineLearningServices.RunCompleted", "source": "/s", "subject": "runs/r1", "receivedAt": "2026-11-01T12:00:00+00:00",
          "services": [
            {
              "service": "notifier", "version": "0123456789ab", "loadedAt": null, "currentVersion": "ba9876543210", "fault": null,
              "rules": [
                {
                  "rule": "failed", "result": "did not act", "changed": true, "actions": [],
                  "then": { "outcome": "does not fire", "line": 3, "why": { "what": "all", "matched": false, "why": "0 of 1 hold", "parts": [{ "what": "data.runStatus StringIn ['Failed']", "matched": false, "why": "data.runStatus is missing", "parts": [] }] } },
                  "today": { "outcome": "fires", "line": 3, "why": { "what": "all", "matched": true, "why": "it has no parts", "parts": [] } }
                },
                {
                  "rule": "moved", "result": "acted", "changed": false, "actions": [],
                  "then": { "outcome": "fires", "line": 9, "why": { "what": "all", "matched": true, "why": "it has no parts", "parts": [] } },
                  "today": { "outcome": "fires", "line": 9, "why": { "what": "all", "matched": true, "why": "it has no parts", "parts": [] } },
                  "difference": [{ "kind": "Common", "text": "outcome: fires" }, { "kind": "Removed", "text": "to: ann" }, { "kind": "Added", "text": "to: bob" }]
                },
                { "rule": "gone", "result": "acted", "changed": true, "actions": [], "then": null, "today": null }
              ]
            },
            { "service": "deployer", "version": "", "loadedAt": null, "currentVersion": "", "fault": "no rules are known for that time", "rules": [] }
          ]
        }
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Explain_shows_each_rule_clause_by_clause_and_what_the_current_rules_would_do()
    {
        await using var dashboard = (await FakeService.StartAsync(Token)).Answers("GET /api/events/e-1/explanation", Explanation);

        var (code, output, error) = await CliRun.StartAsync("explain", "e-1", "--url", dashboard.Url);

        Assert.Equal((0, ""), (code, error));
        Assert.Equal(
            """
            Microsoft.MachineLearningServices.RunCompleted runs/r1

            notifier, rules version 0123456789ab
              failed: did not act
                no  all: 0 of 1 hold
                  no  data.runStatus StringIn ['Failed']: data.runStatus is missing
                today: fires
                  yes all: it has no parts
              moved: acted
                yes all: it has no parts
                today: fires
                  - to: ann
                  + to: bob
              gone: acted
                today: the rule does not exist

            deployer, rules version 
              no rules are known for that time
            """,
            output.TrimEnd());
    }

    [Fact]
    public async Task An_event_that_is_not_stored_leads_to_exit_code_1()
    {
        await using var dashboard = await FakeService.StartAsync(Token);

        var (code, _, error) = await CliRun.StartAsync("explain", "none", "--url", dashboard.Url);

        Assert.Equal(1, code);
        Assert.Contains("404", error, StringComparison.Ordinal);
    }
}
