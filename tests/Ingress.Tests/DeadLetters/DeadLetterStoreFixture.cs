using System.Text;

using Dapr.Client;

using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

using MLEvents.Ingress.DeadLetters;
using MLEvents.Local.Sidecar;
using MLEvents.Local.Sidecar.Configuration;
using MLEvents.Tests.Common;

namespace MLEvents.Ingress.Tests.DeadLetters;

/// <summary>A sidecar with a state store, and the stored messages in this store.</summary>
internal sealed class DeadLetterStoreFixture : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private SidecarHost? _sidecar;

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 1, 12, 0, 0, TimeSpan.Zero));

    public DaprClient Dapr { get; private set; } = new DaprClientBuilder().Build();

    public DeadLetterStore Store => new("letters", Dapr, Options.Create(new DeadLetterOptions()), Time);

    public static async Task<DeadLetterStoreFixture> StartAsync(CancellationToken cancellationToken)
    {
        var fixture = new DeadLetterStoreFixture();
        fixture._folder.Write("components/statestore.yaml", """
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
        fixture._sidecar = await SidecarHost.StartAsync(
            new SidecarOptions { AppId = "ingress", HttpPort = 0, GrpcPort = 0, DataDirectory = fixture._folder.Path, ResourcesPaths = { Path.Combine(fixture._folder.Path, "components") } }, cancellationToken);
        fixture.Dapr.Dispose();
        fixture.Dapr = new DaprClientBuilder().UseHttpEndpoint(fixture._sidecar.HttpAddress.ToString()).UseGrpcEndpoint(fixture._sidecar.GrpcAddress.ToString()).Build();
        return fixture;
    }

    public static StoredMessage Message(string text) => new() { Id = StoredMessage.IdOf(Encoding.UTF8.GetBytes(text)), Reason = text };

    public Task StoreAsync(string text, CancellationToken cancellationToken) => Store.StoreAsync(Message(text), Encoding.UTF8.GetBytes(text), cancellationToken);

    public async Task<StoredMessage> FindAsync(string text, CancellationToken cancellationToken) =>
        await Store.FindAsync(Message(text).Id, cancellationToken) ?? throw new InvalidOperationException($"'{text}' is not stored.");

    /// <summary>Reads the reasons of all stored messages, page by page.</summary>
    public async Task<List<string>> ListAsync(int limit, CancellationToken cancellationToken, Func<StoredMessage, bool>? fits = null)
    {
        var all = new List<string>();
        string? continuation = null;
        do
        {
            var page = await Store.ListAsync(limit, continuation, fits ?? (_ => true), cancellationToken);
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
