using System.Net.Http.Headers;

using Dapr;

using Grpc.Core;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

using MLEvents.Events;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services.Identity;

namespace MLEvents.ServiceDefaults.Tests;

/// <summary>A service with operators' routes for each role, a provider that it trusts, and a clock.</summary>
internal sealed class OperatorFixture : IAsyncDisposable
{
    public const string Application = "operator-application";

    private OperatorFixture(OpenIdProvider provider, FakeTimeProvider time, RunningService service) => (Provider, Time, Service) = (provider, time, service);

    public OpenIdProvider Provider { get; }

    public FakeTimeProvider Time { get; }

    public RunningService Service { get; }

    public static async Task<OperatorFixture> StartAsync(CancellationToken cancellationToken, params (string Key, string? Value)[] settings)
    {
        var provider = await OpenIdProvider.StartAsync(cancellationToken);
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var service = await RunningService.StartAsync(
            configure => Create(configure, time),
            [
                new("Operations:OpenIdConnect:Issuer", provider.Issuer.ToString()),
                new("Operations:OpenIdConnect:Audiences:0", OpenIdProvider.Audience),
                .. settings.Any(setting => setting.Key == "Token") ? [] : new KeyValuePair<string, string?>[] { new("Operations:Token", OperatorApi.Token) },
                .. settings.Where(setting => setting.Value is not null).Select(setting => new KeyValuePair<string, string?>(setting.Key.Contains(':', StringComparison.Ordinal) ? setting.Key : "Operations:" + setting.Key, setting.Value)),
            ],
            cancellationToken);
        return new OperatorFixture(provider, time, service);
    }

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? token, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return await Service.Client.SendAsync(request, cancellationToken);
    }

    public async ValueTask DisposeAsync() => await Disposal.DisposeAllAsync([Service, Provider]);

    private static WebApplication Create(Action<WebApplicationBuilder> configure, FakeTimeProvider time)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Services.AddSingleton<TimeProvider>(time);
        configure(builder);
        builder.AddServiceDefaults();
        var app = builder.Build();
        app.MapServiceDefaults();
        app.MapGet("/open", () => "open");
        var operations = app.MapOperations();
        operations.MapGet("/things", (HttpContext context) => context.User.Identity?.Name);
        operations.MapPost("/things", (HttpContext context) => context.User.Identity?.Name);
        operations.MapPost("/failures/{status}", string (StatusCode status) => throw new DaprException("The call of the sidecar failed.", new RpcException(new Status(status, ""))));
        operations.MapGroup("/nested").MapDelete("/{id}", (string id) => id);
        operations.MapPost("/decisions", (HttpContext context) => context.User.Identity?.Name).RequireAuthorization(OperatorRoles.Approver);
        return app;
    }
}
