using MLEvents.Events;

namespace MLEvents.Manifests.Components;

public sealed class ResiliencyTests
{
    public static TheoryData<string> Folders => ["embedded", "redis", "azure"];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Every_delivery_is_retried_without_limit_and_no_breaker_loses_it(string folder)
    {
        var spec = Spec(folder);
        var inbound = spec["targets"]["components"][Topics.PubSub]["inbound"];
        var policy = spec["policies"]["retries"][inbound["retry"].Text];

        Assert.Equal(("constant", "-1"), (policy["policy"].Text, policy["maxRetries"].Text));
        Assert.Equal(["retry"], inbound.Map.Keys);
        Assert.False(spec["policies"]["circuitBreakers"].Exists);
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Every_target_is_a_component_and_every_policy_is_there(string folder)
    {
        var spec = Spec(folder);
        var components = ComponentFile.In(folder).Where(file => file.Kind == "Component").Select(file => file.Component);

        Assert.Empty(spec["targets"]["components"].Map.Keys.Except(components));
        Assert.All(
            spec["targets"]["components"].Map.Values.SelectMany(target => target.Map.Values),
            direction => Assert.Contains(direction["retry"].Text, spec["policies"]["retries"].Map.Keys));
    }

    private static Node Spec(string folder)
    {
        var file = Assert.Single(ComponentFile.In(folder), file => file.Kind == "Resiliency");
        Assert.Equal(ComponentFile.Apps, file.Scopes);
        return file.Document["spec"];
    }
}
