using MLEvents.Local.Sidecar.Components;

namespace MLEvents.Local.Sidecar.Tests.Loading;

public sealed class ComponentRegistryTests
{
    [Fact]
    public async Task A_component_that_cannot_be_closed_is_named_and_the_others_are_closed()
    {
        var (first, second) = (new StubComponent(new IOException("the disk is full")), new StubComponent(fault: null));
        var registry = new ComponentRegistry();
        registry.Add(Spec("one"), first);
        registry.Add(Spec("two"), second);

        var exception = await Assert.ThrowsAsync<AggregateException>(async () => await registry.DisposeAsync());

        Assert.Equal((true, true), (first.IsClosed, second.IsClosed));
        Assert.Equal("component 'one' (state.stub) cannot be closed: the disk is full", Assert.Single(exception.InnerExceptions).Message);
    }

    private static ComponentSpec Spec(string name) => new(name, "state.stub", "v1", new Dictionary<string, string>(), [], new SourceLocation("stub.yaml", 1, 1));

    private sealed class StubComponent(Exception? fault) : IComponent
    {
        public bool IsClosed { get; private set; }

        public IReadOnlyList<string> Capabilities => [];

        public Task InitializeAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public ValueTask DisposeAsync()
        {
            IsClosed = true;
            return fault is null ? ValueTask.CompletedTask : ValueTask.FromException(fault);
        }
    }
}
