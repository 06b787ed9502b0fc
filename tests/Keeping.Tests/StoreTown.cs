using System.Text;

using Dapr.Client;

using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

using MLEvents.Local.Sidecar;
using MLEvents.Tests.Common;

namespace MLEvents.Keeping.Tests;

/// <summary>A sidecar with a state store, and what is kept in it.</summary>
internal sealed class StoreTown : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private SidecarHost? _sidecar;

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 1, 12, 0, 0, TimeSpan.Zero));

    public DaprClient Dapr { get; private set; } = new DaprClientBuilder().Build();

    public KeptMessages Kept => new("letters", Dapr, Options.Create(new KeepingOptions()), Time);

    public static async Task<StoreTown> StartAsync(CancellationToken cancellationToken)
    {
        var town = new StoreTown();
        town._folder.Write("components/statestore.yaml", """
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata:
              name: statestore
            spec:
              type: state.sqlite
              version: v1
              metadata:
                - name: connectionString
                  value: state.db

            """);
        town._sidecar = await SidecarHost.StartAsync(
            new SidecarOptions { AppId = "keeper", HttpPort = 0, GrpcPort = 0, DataDirectory = town._folder.Path, ResourcesPaths = { Path.Combine(town._folder.Path, "components") } }, cancellationToken);
        town.Dapr.Dispose();
        town.Dapr = new DaprClientBuilder().UseHttpEndpoint(town._sidecar.HttpAddress.ToString()).UseGrpcEndpoint(town._sidecar.GrpcAddress.ToString()).Build();
        return town;
    }

    public static KeptMessage Message(string text) => new() { Id = KeptMessage.IdOf(Encoding.UTF8.GetBytes(text)), Reason = text };

    public Task KeepAsync(string text, CancellationToken cancellationToken) => Kept.KeepAsync(Message(text), Encoding.UTF8.GetBytes(text), cancellationToken);

    public async Task<KeptMessage> FindAsync(string text, CancellationToken cancellationToken) =>
        await Kept.FindAsync(Message(text).Id, cancellationToken) ?? throw new InvalidOperationException($"'{text}' is not kept.");

    /// <summary>The reasons of all that is kept, page by page.</summary>
    public async Task<List<string>> ListAsync(int limit, CancellationToken cancellationToken, Func<KeptMessage, bool>? fits = null)
    {
        var all = new List<string>();
        string? continuation = null;
        do
        {
            var page = await Kept.ListAsync(limit, continuation, fits ?? (_ => true), cancellationToken);
            Assert.True(page.Items.Count <= limit);
            all.AddRange(page.Items.Select(message => message.Reason));
            continuation = page.Continuation;
        }
        while (continuation is not null);
        return all;
    }

    public async ValueTask DisposeAsync()
    {
        Dapr.Dispose();
        if (_sidecar is not null)
        {
            await _sidecar.DisposeAsync();
        }

        _folder.Dispose();
    }
}
