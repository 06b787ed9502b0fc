using System.Collections.Concurrent;

using Dapr.Client;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace MLEvents.ServiceDefaults.Tests;

public sealed class SidecarTokenTests
{
    private static readonly byte[] EmptyMessage = new byte[5];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("the-token")]
    [InlineData(null)]
    public async Task Every_call_to_the_sidecar_carries_the_token_once_if_a_token_is_set(string? token)
    {
        var tokens = new ConcurrentQueue<(string Path, string Tokens)>();
        await using var sidecar = await StartSidecarAsync(tokens);
        var builder = WebApplication.CreateBuilder();
        builder.Configuration["DAPR_GRPC_ENDPOINT"] = sidecar.Urls.Single();
        builder.Configuration["DAPR_API_TOKEN"] = token;
        builder.AddServiceDefaults();
        await using var service = builder.Build();
        var dapr = service.Services.GetRequiredService<DaprClient>();

        await dapr.SaveStateAsync("store", "key", 1, cancellationToken: Token);
        await dapr.SaveBulkStateAsync("store", [new SaveStateItem<int>("key", 1, "1")], Token);

        const string Path = "/dapr.proto.runtime.v1.Dapr/SaveState";
        Assert.Equal([(Path, token ?? ""), (Path, token ?? "")], tokens);
    }

    private static async Task<WebApplication> StartSidecarAsync(ConcurrentQueue<(string Path, string Tokens)> tokens)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http2));
        var sidecar = builder.Build();
        sidecar.Run(async context =>
        {
            tokens.Enqueue((context.Request.Path, string.Join(", ", context.Request.Headers["dapr-api-token"].ToArray())));
            context.Response.ContentType = "application/grpc";
            await context.Response.Body.WriteAsync(EmptyMessage, context.RequestAborted);
            context.Response.AppendTrailer("grpc-status", "0");
        });
        await sidecar.StartAsync(Token);
        return sidecar;
    }
}
