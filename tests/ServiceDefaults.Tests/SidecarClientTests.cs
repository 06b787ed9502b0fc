using System.Net;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

using MLEvents.Tests.Common;
using MLEvents.Tests.Common.Sidecars;

namespace MLEvents.ServiceDefaults.Tests;

public sealed class SidecarClientTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(SidecarTokens.Dapr, SidecarTokens.Dapr)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public async Task A_request_carries_the_token_of_the_Dapr_API_and_the_answer_is_returned_regardless_of_its_status(string? token, string? sent)
    {
        await using var sidecar = await FakeApp.StartAsync(configure: app => app.Answer = (_, _) => Task.FromResult((404, "not here")));
        await using var service = CreateService($"http://127.0.0.1:{sidecar.Port}", token);

        using var answer = await service.Services.GetRequiredService<SidecarClient>().SendAsync(HttpMethod.Get, "/metrics?all=true", Token);

        Assert.Equal((HttpStatusCode.NotFound, "not here"), (answer.StatusCode, await answer.Content.ReadAsStringAsync(Token)));
        var call = Assert.Single(sidecar.All);
        Assert.Equal(("GET /metrics?all=true", sent), (call.Line, call.Headers.GetValueOrDefault(SidecarTokens.Header)));
    }

    [Fact]
    public async Task A_redirect_is_not_followed_so_that_no_other_server_gets_the_token()
    {
        await using var other = await FakeApp.StartAsync();
        await using var sidecar = await StartRedirectAsync(new Uri($"http://127.0.0.1:{other.Port}/metrics"));
        await using var service = CreateService(sidecar.Urls.Single(), SidecarTokens.Dapr);

        using var answer = await service.Services.GetRequiredService<SidecarClient>().SendAsync(HttpMethod.Get, "/metrics", Token);

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Empty(other.All);
    }

    private static WebApplication CreateService(string sidecar, string? token)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration["DAPR_HTTP_ENDPOINT"] = sidecar;
        builder.Configuration["DAPR_API_TOKEN"] = token;
        builder.AddServiceDefaults();
        return builder.Build();
    }

    private static async Task<WebApplication> StartRedirectAsync(Uri target)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var sidecar = builder.Build();
        sidecar.Run(context =>
        {
            context.Response.Redirect(target.ToString());
            return Task.CompletedTask;
        });
        await sidecar.StartAsync(Token);
        return sidecar;
    }
}
