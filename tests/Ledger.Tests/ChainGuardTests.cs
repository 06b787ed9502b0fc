using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.Tests.Services;

namespace MLEvents.Ledger.Tests;

/// <summary>Rules that cause each other's events.</summary>
public sealed class ChainGuardTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_rule_does_not_act_on_events_that_its_own_action_caused_directly_or_through_another_rule()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        var handler = fixture.Services.GetRequiredService<ITopicHandler>();
        var first = SampleEvents.Create("DatasetDriftDetected");

        await HandleAsync(first, "a");
        var second = EventAbout(await RecordAsync("a", first));
        await HandleAsync(second, "a", "b");
        var third = EventAbout(await RecordAsync("b", second));
        await HandleAsync(third, "a", "b", "c");

        Assert.Null(await FindAsync("a", second));
        Assert.Null(await FindAsync("a", third));
        Assert.Null(await FindAsync("b", third));
        var last = await RecordAsync("c", third);
        Assert.Equal((first.Id, "a.b.c"), (last.CorrelationId, string.Join('.', last.FullPath.Select(key => "abc".Single(rule => Lineage.KeyOf("tester", $"{rule}") == key)))));

        async Task HandleAsync(WorkflowEvent workflowEvent, params string[] rules)
        {
            fixture.Requests.Now = [.. rules.Select(rule => LedgerFixture.Request() with { Rule = rule })];
            await handler.HandleAsync(workflowEvent, Token);
        }

        async Task<ActionRecord?> FindAsync(string rule, WorkflowEvent workflowEvent) => (await fixture.Records.FindAsync(ActionRecord.IdOf("tester", rule, workflowEvent), Token))?.Record;

        async Task<ActionRecord> RecordAsync(string rule, WorkflowEvent workflowEvent) => await FindAsync(rule, workflowEvent) ?? throw new InvalidOperationException($"Rule {rule} did not act.");
    }

    [Fact]
    public async Task An_action_of_a_chain_that_is_too_deep_fails_with_the_reason()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token, ("Ledger:MaxChainDepth", "2"));
        fixture.Fixture.Service.Expected = log => log.Message.Contains("Ledger:MaxChainDepth allows 2", StringComparison.Ordinal);
        fixture.Requests.Now = [LedgerFixture.Request()];
        var deep = EventOf("a", "b");

        await fixture.Services.GetRequiredService<ITopicHandler>().HandleAsync(deep, Token);

        var end = await fixture.Fixture.Activity.FirstAsync(activity => activity.Event.Id == deep.Id && activity.Status == "failed", Token);
        Assert.StartsWith("the chain is 3 actions deep, and Ledger:MaxChainDepth allows 2: rules probably cause each other's events.", end.Detail, StringComparison.Ordinal);
        Assert.Equal(0, fixture.Work.Steps);
    }

    [Theory]
    [InlineData(7, false, false)]
    [InlineData(8, false, true)]
    [InlineData(20, true, false)]
    public void The_default_depth_is_eight_and_does_not_apply_to_a_service_that_ends_chains(int rulesBefore, bool endsChains, bool isFault)
    {
        var action = Assert.Single(Guard("notifier", endsChains).Check(EventOf([.. Enumerable.Range(0, rulesBefore).Select(number => $"r{number}")]), [LedgerFixture.Request()]));

        Assert.Equal(isFault, action.Fault is not null);
    }

    [Theory]
    [InlineData("notifier", "MLEvents.ActionChanged", false)]
    [InlineData("notifier", "Microsoft.MachineLearningServices.RunCompleted", true)]
    [InlineData("deployer", "MLEvents.ActionChanged", true)]
    public void A_service_does_not_act_on_the_report_of_its_own_action_if_another_report_caused_that_action(string service, string cause, bool acts)
    {
        var report = SampleEvents.Create("MLEvents.ActionChanged", $$"""
            { "service": "{{service}}", "rule": "other", "actionId": "0123456789abcdef0123", "status": "failed", "event": { "id": "e", "type": "{{cause}}", "subject": "s", "source": "/mlevents/deployer" } }
            """);

        Assert.Equal(acts, Guard("notifier", endsChains: true).Check(report, [LedgerFixture.Request()]).Count == 1);
    }

    [Fact]
    public void Parts_of_a_path_that_are_not_keys_are_ignored()
    {
        var forged = SampleEvents.Create("RunCompleted", $$"""{ "runTags": { "mlevents.path": "x..{{Lineage.KeyOf("tester", "a")}}.0123456789AB" } }""");

        Assert.Equal([Lineage.KeyOf("tester", "a")], Lineage.PathOf(forged));
    }

    private static ChainGuard Guard(string service, bool endsChains) =>
        new(new LedgerService(service, endsChains), Options.Create(new LedgerOptions()), NullLogger<ChainGuard>.Instance);

    private static WorkflowEvent EventOf(params string[] rules) =>
        SampleEvents.Create("RunCompleted", $$"""{ "runTags": { "mlevents.path": "{{Lineage.Format(rules.Select(rule => Lineage.KeyOf("tester", rule)))}}" } }""");

    private static WorkflowEvent EventAbout(ActionRecord record) =>
        SampleEvents.Create("RunCompleted", $$"""{ "runTags": {{System.Text.Json.JsonSerializer.Serialize(record.ToTags())}} }""");
}
