using System.Net;
using System.Net.Http.Headers;
using System.Text;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

using MLEvents.Ledger;
using MLEvents.Notifier.Email;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services.Identity;

namespace MLEvents.Notifier.Tests.Email;

/// <summary>Authentication at the mail server with tokens (XOAUTH2). A real OpenID Connect provider issues the tokens.</summary>
public sealed class MailTokenTests : IAsyncDisposable
{
    private const string Application = "mail-application";

    private readonly MailReceiver _receiver = MailReceiver.Start();
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly ServiceProvider _services = new ServiceCollection().AddHttpClient().BuildServiceProvider();
    private readonly List<IDisposable> _disposables = [];
    private readonly MailServerState _server = new(TimeProvider.System);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _disposables.ForEach(disposable => disposable.Dispose());
        await _receiver.DisposeAsync();
        await _services.DisposeAsync();
    }

    [Fact]
    public async Task The_session_authenticates_with_a_token_that_is_cached_until_it_expires()
    {
        await using var provider = await StartProviderAsync();
        await using var pool = Pool(provider.Issuer, out var sender);

        var first = await SendAsync(sender);
        var second = await SendAsync(sender);
        _time.Advance(TimeSpan.FromHours(2));
        var third = await SendAsync(sender);

        Assert.All([first, second, third], result => Assert.IsType<Succeeded>(result));
        var given = _receiver.Commands.Where(line => line.StartsWith("AUTH XOAUTH2 ", StringComparison.Ordinal)).Select(line => Encoding.UTF8.GetString(Convert.FromBase64String(line[13..]))).ToList();
        Assert.Equal(3, given.Count);
        Assert.All(given, text => Assert.StartsWith("user=alerts@example.org\u0001auth=Bearer eyJ", text, StringComparison.Ordinal));
        Assert.Equal([2, 1], given.GroupBy(text => text).Select(group => group.Count()));
    }

    [Theory]
    [InlineData("a-wrong-secret", typeof(CredentialRefused))]
    [InlineData(null, typeof(Retry))]
    public async Task A_wrong_secret_is_a_refused_credential_and_an_unreachable_endpoint_is_retried(string? secret, Type expected)
    {
        await using var provider = await StartProviderAsync();
        provider.IsReachable = secret is not null;
        await using var pool = Pool(provider.Issuer, out var sender, secret);

        var result = await SendAsync(sender);

        Assert.IsType(expected, result);
        Assert.DoesNotContain("secret", result.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain(_receiver.Commands, line => line.StartsWith("MAIL", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_outage_of_the_token_endpoint_is_not_reported_as_an_outage_of_the_mail_server()
    {
        await using var provider = await StartProviderAsync();
        await using var pool = Pool(provider.Issuer, out var sender);
        provider.IsReachable = false;
        await SendAsync(sender);
        var outage = await new MailHealthCheck(_server).CheckHealthAsync(new HealthCheckContext(), Token);
        provider.IsReachable = true;

        Assert.IsType<Succeeded>(await SendAsync(sender));

        Assert.Equal(HealthStatus.Degraded, outage.Status);
        Assert.StartsWith("mails wait: the token endpoint of Mail:OAuth has not given a token since ", outage.Description, StringComparison.Ordinal);
        Assert.Null(_server.Outage);
    }

    [Fact]
    public async Task A_token_endpoint_that_does_not_answer_is_not_reported_as_an_outage_of_the_mail_server()
    {
        using var endpoint = new HeldEndpoint();
        await using var pool = Pool(new Uri("http://127.0.0.1:1/"), out var sender, clients: endpoint);
        var sending = SendAsync(sender);
        await endpoint.Asked.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, Token);

        _time.Advance(new MailOptions().Timeout);

        Assert.Equal("the token endpoint of Mail:OAuth did not answer within Mail:Timeout (10 s)", Assert.IsType<Retry>(await sending).Detail);
        Assert.Equal(MailServerState.NoToken, _server.Outage?.Fault);
    }

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized, typeof(CredentialRefused))]
    [InlineData(HttpStatusCode.RequestTimeout, typeof(Retry))]
    [InlineData(HttpStatusCode.TooManyRequests, typeof(Retry))]
    [InlineData(HttpStatusCode.ServiceUnavailable, typeof(Retry))]
    public async Task A_temporary_status_of_the_token_endpoint_is_retried_and_another_status_is_a_refused_credential(HttpStatusCode status, Type expected)
    {
        using var endpoint = new RefusingEndpoint(status);
        await using var pool = Pool(new Uri("http://127.0.0.1:1/"), out var sender, clients: endpoint);

        var result = await SendAsync(sender);

        Assert.IsType(expected, result);
        Assert.Contains($"the token endpoint answered {(int)status}: not_now", result.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_request_is_retried_if_the_answer_has_an_unknown_charset()
    {
        using var endpoint = new RefusingEndpoint(HttpStatusCode.OK, charset: "x-unknown");
        await using var pool = Pool(new Uri("http://127.0.0.1:1/"), out var sender, clients: endpoint);

        var result = await SendAsync(sender);

        Assert.StartsWith("the token endpoint of Mail:OAuth gave no usable answer: ", Assert.IsType<Retry>(result).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_wait_for_a_token_is_not_reported_as_an_outage()
    {
        using var endpoint = new HeldEndpoint();
        using var stop = new CancellationTokenSource();
        await using var pool = Pool(new Uri("http://127.0.0.1:1/"), out var sender, clients: endpoint);
        var sending = sender.SendAsync(Alerts.Mail, Alerts.Record(Alerts.Mail), stop.Token);
        await endpoint.Asked.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, Token);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        Assert.Null(_server.Outage);
    }

    [Fact]
    public async Task Two_callers_that_need_a_token_at_the_same_time_share_one_request()
    {
        using var endpoint = new HeldEndpoint();
        var mail = new MailOptions { UserName = "alerts@example.org" };
        mail.OAuth.TokenEndpoint = new Uri("http://127.0.0.1:1/connect/token");
        using var tokens = new MailTokens(endpoint, Options.Create(mail), _time);
        var first = tokens.CreateMechanismAsync(Token);
        await endpoint.Asked.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, Token);

        var second = tokens.CreateMechanismAsync(Token);
        endpoint.Release();
        var mechanisms = await Task.WhenAll(first, second);

        Assert.Equal(["token-1", "token-1"], mechanisms.Select(mechanism => mechanism.Credentials.Password));
        Assert.Equal(1, endpoint.Requests);
    }

    [Theory]
    [InlineData("http://idp.example.org/token", "id", "secret", null, "must be an https address")]
    [InlineData("https://idp.example.org/token", "", "secret", null, "Mail:OAuth needs")]
    [InlineData("https://idp.example.org/token", "id", "secret", "password", "both set")]
    public void Invalid_or_contradictory_settings_are_reported(string endpoint, string id, string secret, string? password, string expected)
    {
        var options = new MailOptions { From = "alerts@example.org", UserName = "alerts@example.org", Password = password, Security = MailSecurity.StartTls };
        (options.OAuth.TokenEndpoint, options.OAuth.ClientId, options.OAuth.ClientSecret) = (new Uri(endpoint), id, secret);

        Assert.Contains(expected, new MailOptionsValidator().Validate(null, options).FailureMessage, StringComparison.Ordinal);
    }

    private static async Task<OpenIdProvider> StartProviderAsync()
    {
        var provider = await OpenIdProvider.StartAsync(Token);
        await provider.GetTokenAsync(Application, [], Token);
        return provider;
    }

    private static Task<StepResult> SendAsync(MailSender sender) => sender.SendAsync(Alerts.Mail, Alerts.Record(Alerts.Mail), Token);

    // If the test passes its own clients, the timeout of a mail uses the fake clock.
    private SmtpSessionPool Pool(Uri issuer, out MailSender sender, string? secret = null, IHttpClientFactory? clients = null)
    {
        // Each mail authenticates, because each mail has its own session.
        var mail = new MailOptions { Host = "127.0.0.1", Port = _receiver.Port, From = "alerts@example.org", UserName = "alerts@example.org", IdleSessions = 0 };
        (mail.OAuth.TokenEndpoint, mail.OAuth.ClientId, mail.OAuth.ClientSecret, mail.OAuth.Scope) = (new Uri(issuer, "connect/token"), Application, secret ?? ProviderClients.Secret, OpenIdProvider.Scope);
        var tokens = new MailTokens(clients ?? _services.GetRequiredService<IHttpClientFactory>(), Options.Create(mail), _time);
        _disposables.Add(tokens);
        var pool = new SmtpSessionPool(Options.Create(mail), tokens, TimeProvider.System);
        sender = new MailSender(pool, _server, Options.Create(mail), clients is null ? TimeProvider.System : _time);
        return pool;
    }

    /// <summary>A token endpoint that answers every request with a status and an error.</summary>
    private sealed class RefusingEndpoint(HttpStatusCode status, string charset = "utf-8") : HttpMessageHandler, IHttpClientFactory
    {
        public HttpClient CreateClient(string name) => new(this, disposeHandler: false);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(status) { Content = new StringContent("""{"error":"not_now"}""", new MediaTypeHeaderValue("application/json", charset)) });
    }

    /// <summary>A token endpoint that accepts requests, and answers them when the test allows it.</summary>
    private sealed class HeldEndpoint : HttpMessageHandler, IHttpClientFactory
    {
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _requests;

        public Task Asked => _asked.Task;

        public int Requests => _requests;

        public void Release() => _released.SetResult();

        public HttpClient CreateClient(string name) => new(this, disposeHandler: false);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var number = Interlocked.Increment(ref _requests);
            _asked.TrySetResult();
            await _released.Task.WaitAsync(cancellationToken);
            return new HttpResponseMessage { Content = new StringContent($$"""{"access_token":"token-{{number}}","expires_in":3600}""", Encoding.UTF8, "application/json") };
        }
    }
}
