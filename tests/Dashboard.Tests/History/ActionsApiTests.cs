using System.Text.Json;

using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Dashboard.Tests.History;

/// <summary>The operator API that lists the actions of the history.</summary>
public sealed class ActionsApiTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Actions_are_filtered_by_status_rule_chain_time_and_detail()
    {
        await using var dashboard = await StartAsync();

        Assert.Equal(["0000000000000000000a"], await IdsAsync(dashboard, "status=succeeded"));
        Assert.Equal(["0000000000000000000b"], await IdsAsync(dashboard, "status=skipped"));
        Assert.Equal(3, (await IdsAsync(dashboard, "rule=churn&service=retrainer")).Count + (await IdsAsync(dashboard, "service=none")).Count);
        Assert.Equal(["0000000000000000000c"], await IdsAsync(dashboard, "error=BROKE"));
        Assert.Equal(["0000000000000000000b"], await IdsAsync(dashboard, "correlation=chain-2"));
        Assert.Empty(await IdsAsync(dashboard, "since=2999-01-01T00:00:00Z"));
        Assert.Empty(await IdsAsync(dashboard, "until=2000-01-01T00:00:00Z"));
    }

    [Fact]
    public async Task Each_action_is_on_exactly_one_page()
    {
        await using var dashboard = await StartAsync();
        var (ids, next) = (new List<string>(), "");
        do
        {
            var (_, page) = await dashboard.Fixture.Service.AskAsync(HttpMethod.Get, $"/api/actions?limit=1{next}", Token);
            ids.AddRange(Ids(page));
            next = page.GetProperty("continuation").GetString() is { } continuation ? $"&continuation={continuation}" : null;
        }
        while (next is not null);

        Assert.Equal(["0000000000000000000a", "0000000000000000000b", "0000000000000000000c"], ids.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("status=done")]
    [InlineData("since=yesterday")]
    [InlineData("continuation=x")]
    public async Task An_invalid_query_is_refused(string query)
    {
        await using var dashboard = new DashboardFixture();
        await dashboard.StartAsync(Token);
        await dashboard.UntilAsync("/", _ => true, Token);

        var (status, _) = await dashboard.Fixture.Service.AskAsync(HttpMethod.Get, $"/api/actions?{query}", Token);

        Assert.Equal(400, status);
    }

    private static async Task<DashboardFixture> StartAsync()
    {
        var dashboard = new DashboardFixture();
        await dashboard.StartAsync(Token);
        await dashboard.UntilAsync("/", _ => true, Token);
        var (one, other) = (SampleEvents.Create("RunCompleted", """{"runTags":{"mlevents.correlation":"chain-1"}}""", id: "e1"), SampleEvents.Create("RunCompleted", """{"runTags":{"mlevents.correlation":"chain-2"}}""", id: "e2"));
        await dashboard.ChangeAsync("0000000000000000000a", "succeeded", one, Token);
        await dashboard.ChangeAsync("0000000000000000000b", "skipped", other, Token);
        await dashboard.ChangeAsync("0000000000000000000c", "failed", one, Token, "it broke");
        await dashboard.Fixture.Service.AskUntilAsync("/api/actions", page => page.GetProperty("items").GetArrayLength() == 3, Token);
        return dashboard;
    }

    private static async Task<IReadOnlyList<string>> IdsAsync(DashboardFixture dashboard, string query)
    {
        var (status, page) = await dashboard.Fixture.Service.AskAsync(HttpMethod.Get, $"/api/actions?{query}", Token);
        Assert.Equal(200, status);
        return Ids(page);
    }

    private static List<string> Ids(JsonElement page) => [.. page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString() ?? "")];
}
