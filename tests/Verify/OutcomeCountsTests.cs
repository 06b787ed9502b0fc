using System.Text.Json.Nodes;

namespace MLEvents.Local.Verify.Tests;

public sealed class OutcomeCountsTests
{
    [Fact]
    public void Results_are_counted_by_the_action_that_created_them()
    {
        var counts = OutcomeCounts.Read(JsonNode.Parse("""
            { "mailsDropped": 0, "mailsByAction": [{ "action": "a", "count": 2 }], "jobsByAction": [{ "action": "b", "names": ["j1", "j2", "j3"] }], "factoryRunsByAction": [], "deploymentsByAction": [] }
            """) ?? throw new InvalidOperationException());

        Assert.Equal((2, 3, 5), (counts.Mails["a"], counts.Jobs["b"], counts.Total));
        Assert.True(counts.HasReached(new Expectation(1, 1, 0, 0)));
        Assert.False(counts.HasReached(new Expectation(1, 1, 1, 0)));
    }

    [Fact]
    public void Counts_are_refused_if_the_simulator_has_dropped_a_mail() =>
        Assert.Throws<InvalidOperationException>(() => OutcomeCounts.Read(new JsonObject { ["mailsDropped"] = 1 }));
}
