using System.Text.Json;

using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Ledger.Tests;

public sealed class ActionListTests
{
    private static readonly PlannedAction Request = LedgerFixture.Request() with { Plan = JsonSerializer.SerializeToElement(1) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Running_and_failed_actions_are_listed_by_status_and_rule_and_succeeded_actions_are_not_listed()
    {
        await using var fixture = await LedgerFixture.StartAsync((record, _) => record.Rule switch
        {
            "wait" => new Continue("polling", TimeSpan.FromHours(1)),
            "done" => new Succeeded(),
            _ => new Failed(),
        }, Token);
        await fixture.Runner.RunAsync(SampleEvents.Create("RunCompleted"), [Request with { Rule = "wait" }, Request with { Rule = "done" }, Request with { Rule = "fail" }, Request with { Rule = "fail-too" }], Token);

        Assert.Equal(["fail", "fail-too", "wait"], await RulesAsync(fixture, "/actions"));
        Assert.Equal(["wait"], await RulesAsync(fixture, "/actions?status=running"));
        Assert.Equal(["fail", "fail-too"], await RulesAsync(fixture, "/actions?status=failed"));
        Assert.Equal(["fail"], await RulesAsync(fixture, "/actions?rule=fail"));
        Assert.Empty(await RulesAsync(fixture, "/actions?status=running&rule=fail"));
    }

    [Fact]
    public async Task Pages_list_each_action_exactly_once_with_the_newest_failure_first()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Failed(), Token);
        var events = Enumerable.Range(0, 20).Select(n => SampleEvents.Create("RunCompleted", id: $"e-{n:d2}")).ToList();
        foreach (var workflowEvent in events)
        {
            await fixture.Runner.RunAsync(workflowEvent, [Request], Token);
        }

        var seen = new List<string?>();
        for (string? continuation = ""; continuation is not null;)
        {
            var (_, page) = await fixture.Fixture.Service.AskAsync(HttpMethod.Get, "/actions?limit=7" + (continuation.Length == 0 ? "" : "&continuation=" + continuation), Token);
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("event").GetProperty("id").GetString()));
            continuation = page.GetProperty("continuation").GetString();
        }

        Assert.Equal(events.Select(workflowEvent => workflowEvent.Id).Reverse(), seen);
    }

    [Fact]
    public async Task More_failures_than_fit_into_one_document_are_all_listed_and_can_be_removed()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        var ids = Enumerable.Range(0, (FailedIndex.PerShard * 2) + 1).Select(n => $"0000{n:d16}").ToList();

        foreach (var id in ids)
        {
            await fixture.Failed.AddAsync(LedgerFixture.Record(id), Token);
        }

        Assert.Equal(ids, (await fixture.Failed.ListAsync(Token)).Select(entry => entry.Id).Order(StringComparer.Ordinal));
        await fixture.Failed.RemoveAsync(ids[0], TimeProvider.System.GetUtcNow(), Token);
        await fixture.Failed.RemoveAsync(ids[^1], TimeProvider.System.GetUtcNow(), Token);
        Assert.Equal(ids[1..^1], (await fixture.Failed.ListAsync(Token)).Select(entry => entry.Id).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_action_that_fails_again_is_listed_once_with_the_time_of_its_last_failure()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        for (var n = 0; n <= FailedIndex.PerShard; n++)
        {
            await fixture.Failed.AddAsync(LedgerFixture.Record($"0000{n:d16}"), Token);
        }

        var before = TimeProvider.System.GetUtcNow();
        await fixture.Failed.AddAsync(LedgerFixture.Record($"0000{0:d16}"), Token);

        var entry = Assert.Single(await fixture.Failed.ListAsync(Token), entry => entry.Id == $"0000{0:d16}");
        Assert.True(entry.DueAt >= before);
    }

    [Fact]
    public async Task The_removal_of_an_earlier_failure_keeps_a_later_failure()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        var before = TimeProvider.System.GetUtcNow();
        await fixture.Failed.AddAsync(LedgerFixture.Record("00000000000000000000"), Token);

        await fixture.Failed.RemoveAsync("00000000000000000000", before, Token);
        Assert.Single(await fixture.Failed.ListAsync(Token));

        await fixture.Failed.RemoveAsync("00000000000000000000", TimeProvider.System.GetUtcNow(), Token);
        Assert.Empty(await fixture.Failed.ListAsync(Token));
    }

    [Theory]
    [InlineData("status=succeeded", "accepted, running, waiting or failed")]
    [InlineData("limit=0", "limit")]
    [InlineData("continuation=nonsense", "nonsense")]
    [InlineData("continuation=99999999999999999999.0123456789abcdef0123", "is not a continuation")]
    [InlineData("continuation=9223372036854775807.0123456789abcdef0123", "is not a continuation")]
    public async Task An_invalid_query_parameter_returns_400_and_the_title_says_what_is_wrong(string query, string named)
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);

        var (status, problem) = await fixture.Fixture.Service.AskAsync(HttpMethod.Get, "/actions?" + query, Token);

        Assert.Equal(400, status);
        Assert.Contains(named, problem.GetProperty("title").GetString(), StringComparison.Ordinal);
    }

    private static async Task<IEnumerable<string?>> RulesAsync(LedgerFixture fixture, string path) =>
        (await fixture.Fixture.Service.AskAsync(HttpMethod.Get, path, Token)).Body.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("rule").GetString()).Order();
}
