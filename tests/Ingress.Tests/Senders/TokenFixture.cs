using System.Net.Http.Headers;
using System.Text.Json;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

using MLEvents.Ingress.Senders;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services.Identity;

namespace MLEvents.Ingress.Tests.Senders;

/// <summary>The ingress outside Development, the OpenID Connect provider that it trusts, and the clock of the ingress.</summary>
internal sealed class TokenFixture : IAsyncDisposable
{
    public const string EventGrid = "4962773b-9cdb-44cf-a8bf-237846a00ab7";
    public const string Role = SenderTokenOptions.EventGridRole;

    private TokenFixture(OpenIdProvider provider, FakeTimeProvider time, RunningService ingress) => (Provider, Time, Ingress) = (provider, time, ingress);

    public OpenIdProvider Provider { get; }

    public FakeTimeProvider Time { get; }

    public RunningService Ingress { get; }

    public static async Task<TokenFixture> StartAsync(WebhookAuthentication authentication, CancellationToken cancellationToken, params (string Key, string? Value)[] settings)
    {
        var provider = await OpenIdProvider.StartAsync(cancellationToken);
        return await StartAsync(provider, authentication, cancellationToken, settings);
    }

    public static async Task<TokenFixture> StartAsync(OpenIdProvider provider, WebhookAuthentication authentication, CancellationToken cancellationToken, params (string Key, string? Value)[] settings)
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var ingress = await RunningService.StartAsync(
            configure => IngressService.Create([], builder =>
            {
                builder.Services.AddSingleton<TimeProvider>(time);
                configure(builder);
            }),
            [
                new("Ingress:Authentication", $"{authentication}"),
                new("Ingress:Token:Issuer", provider.Issuer.ToString()),
                new("Ingress:Token:Audiences:0", OpenIdProvider.Audience),
                .. settings.Select(setting => new KeyValuePair<string, string?>(setting.Key, setting.Value)),
            ],
            cancellationToken);
        ingress.Expected = log => log.Message.StartsWith("Health check", StringComparison.Ordinal);
        return new TokenFixture(provider, time, ingress);
    }

    public Task<string> GetTokenAsync(CancellationToken cancellationToken, string application = EventGrid, string role = Role, string scope = OpenIdProvider.Scope) =>
        Provider.GetTokenAsync(application, [role], cancellationToken, scope);

    public async Task<HttpResponseMessage> SendAsync(string? token, CancellationToken cancellationToken, string? key = null, HttpMethod? method = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Post, key is null ? "/events" : $"/events?code={key}") { Content = new StringContent("[]") };
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return await Ingress.Client.SendAsync(request, cancellationToken);
    }

    /// <summary>The status of the check <c>signing-keys</c> in <c>/health</c>.</summary>
    public async Task<string?> KeysHealthAsync(CancellationToken cancellationToken)
    {
        using var response = await Ingress.Client.GetAsync(new Uri("/health", UriKind.Relative), cancellationToken);
        using var body = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancellationToken), cancellationToken: cancellationToken);
        return body.RootElement.GetProperty("checks").GetProperty("signing-keys").GetProperty("status").GetString();
    }

    public async ValueTask DisposeAsync()
    {
        await Ingress.DisposeAsync();
        await Provider.DisposeAsync();
    }
}
