using System.Text.Json;

using MLEvents.Rules.Rollouts;

namespace MLEvents.Deployer.Tests;

public sealed class RolloutPlanTests
{
    private const string Members =
        """ "workspaceId":"w","model":"churn","version":"7","endpoint":"churn","deployment":"d","location":"westeurope","instanceCount":1,"authMode":"Key","traffic":100 """;

    [Theory]
    [InlineData("")]
    [InlineData(""" ,"identities":null,"tags":null""")]
    public void Members_that_a_stored_plan_lacks_have_their_defaults(string more)
    {
        var plan = Read(more);

        Assert.Empty(plan.Identities);
        Assert.Empty(plan.Tags);
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"steps":null,"verify":null,"metrics":null}""")]
    public void Members_that_a_stored_strategy_lacks_have_their_defaults(string json)
    {
        var strategy = Read($""" ,"strategy":{json}""").Strategy;

        Assert.NotNull(strategy);
        Assert.Equal([new RolloutStep(100, TimeSpan.Zero)], strategy.Steps);
        Assert.Empty(strategy.Verify);
        Assert.Empty(strategy.Metrics);
    }

    [Theory]
    [InlineData("")]
    [InlineData(""" ,"expect":{}""")]
    public void Members_that_a_stored_check_lacks_have_their_defaults(string more)
    {
        var check = Assert.Single(Read(""" ,"strategy":{"verify":[{"name":"a","body":"{}" """ + more + "}]}").Strategy?.Verify ?? []);

        Assert.Equal((1, new AnswerExpectation()), (check.Repeat, check.Expect));
        Assert.Equal((200, 100), (check.Expect.Status, check.Expect.Percentile));
    }

    [Fact]
    public void Members_that_a_stored_gate_lacks_have_their_defaults()
    {
        var gate = Read(""" ,"gate":{}""").Gate;

        Assert.NotNull(gate);
        Assert.Empty(gate.Tags);
        Assert.Empty(gate.Properties);
        Assert.Empty(gate.Stages);
        Assert.Empty(gate.Metrics);
    }

    private static RolloutPlan Read(string more) => RolloutPlan.Read(JsonElement.Parse("{" + Members + more + "}"));
}
