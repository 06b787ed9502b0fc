using Grpc.Net.Client;

using MLEvents.Local.Sidecar.Tests.Infrastructure;

namespace MLEvents.Local.Sidecar.Tests.Recordings;

/// <summary>One sidecar and one app for all cases.</summary>
public sealed class EnvelopeFixture : IAsyncLifetime
{
    private const string Subscriptions = """
        [{"pubsubname":"rps","topic":"t","route":"/rps/t"},
         {"pubsubname":"rps","topic":"raw","route":"/rps/raw","metadata":{"rawPayload":"true"}},
         {"pubsubname":"rps","topic":"bulk","route":"/rps/bulk","bulkSubscribe":{"enabled":true}}]
        """;

    private readonly TempFolder _folder = new();
    private FakeApp? _app;
    private TestSidecar? _sidecar;
    private GrpcChannel? _grpc;

    internal FakeApp App => _app ?? throw new InvalidOperationException();

    internal TestSidecar Sidecar => _sidecar ?? throw new InvalidOperationException();

    internal GrpcChannel Grpc => _grpc ?? throw new InvalidOperationException();

    public async ValueTask InitializeAsync()
    {
        _app = await FakeApp.StartAsync(configure: app => app.Subscriptions = Subscriptions);
        _app.Answer = (call, _) => Task.FromResult(call.AnswerSuccess());
        _sidecar = await TestSidecar.StartAsync(_folder, _app, Yaml.Brokers("concurrency: 1"));
        _grpc = GrpcChannel.ForAddress(_sidecar.Host.GrpcAddress);
    }

    public async ValueTask DisposeAsync()
    {
        _grpc?.Dispose();
        await (_sidecar?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_app?.DisposeAsync() ?? ValueTask.CompletedTask);
        _folder.Dispose();
    }
}
