using MLEvents.Events;

namespace MLEvents.Manifests.Components;

public sealed class ResiliencyTests
{
    public static TheoryData<string> Folders => ["embedded", "redis", "azure"];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Deliveries_are_retried_without_limit_and_without_a_circuit_breaker(string folder)
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
    public void Targets_and_policies_exist(string folder)
    {
        var spec = Spec(folder);
        var components = ComponentFile.In(folder).Where(file => file.Kind == "Component").Select(file => file.Component);

        Assert.Empty(spec["targets"]["components"].Map.Keys.Except(components));
        Assert.All(
            spec["targets"]["components"].Map.Values.SelectMany(target => target.Map.Values),
            direction => Assert.Contains(direction["retry"].Text, spec["policies"]["retries"].Map.Keys));
    }

    // When daprd repeats a bulk write, it can report success although one of its items had an ETag conflict.
    [Theory]
    [MemberData(nameof(Folders))]
    public void The_state_store_has_no_outbound_retry(string folder) =>
        Assert.DoesNotContain("statestore", Spec(folder)["targets"]["components"].Map.Keys);

    [Fact]
    public void The_event_hub_is_read_in_order_and_retried_without_limit()
    {
        var spec = Spec("azure");
        var inbound = spec["targets"]["components"]["event-hub"]["inbound"];

        Assert.Equal("true", ComponentFile.Find("azure", "event-hub").Value("enableInOrderMessageDelivery"));
        Assert.Equal("-1", spec["policies"]["retries"][inbound["retry"].Text]["maxRetries"].Text);
    }

    private static Node Spec(string folder)
    {
        var file = Assert.Single(ComponentFile.In(folder), file => file.Kind == "Resiliency");
        Assert.Equal(ComponentFile.Apps, file.Scopes);
        return file.Document["spec"];
    }
}
