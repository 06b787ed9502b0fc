using System.Text.Json.Serialization;

using MailKit.Security;

using Microsoft.Extensions.Options;

using MLEvents.Events;

namespace MLEvents.Notifier.Email;

/// <summary>Gets the access tokens that authenticate the notifier at the mail server (XOAUTH2), and caches each token until 2 min before it expires.</summary>
/// <seealso href="https://learn.microsoft.com/exchange/client-developer/legacy-protocols/how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth"/>
internal sealed class MailTokens(IHttpClientFactory clients, IOptions<MailOptions> options, TimeProvider time) : IDisposable
{
    /// <summary>The name of the HTTP client.</summary>
    public const string Client = "mail-tokens";

    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(2);
    private readonly SemaphoreSlim _asking = new(1, 1);
    private volatile CachedToken? _current;

    /// <summary>The SASL mechanism for a new session.</summary>
    /// <exception cref="AuthenticationException">The token endpoint refused the application.</exception>
    /// <exception cref="MailTokenException">The token endpoint did not answer before the operation was cancelled, or its answer contains no token.</exception>
    public async Task<SaslMechanism> CreateMechanismAsync(CancellationToken cancellationToken)
    {
        try
        {
            return new SaslMechanismOAuth2(options.Value.UserName ?? "", await GetTokenAsync(cancellationToken));
        }
        catch (OperationCanceledException exception)
        {
            // This class cannot distinguish the end of Mail:Timeout from a stop of the service. After a stop, MailSender reports a cancellation instead.
            throw new MailTokenException($"the token endpoint of Mail:OAuth did not answer within Mail:Timeout ({options.Value.Timeout.TotalSeconds} s)", exception);
        }
    }

    /// <summary>Removes the token from the cache after the mail server refused it.</summary>
    public void Forget() => _current = null;

    public void Dispose() => _asking.Dispose();

    private async Task<string> GetTokenAsync(CancellationToken cancellationToken)
    {
        await _asking.WaitAsync(cancellationToken);
        try
        {
            if (_current is not { } current || current.Until - Margin <= time.GetUtcNow())
            {
                _current = current = await AskAsync(options.Value.OAuth, cancellationToken);
            }

            return current.Token;
        }
        finally
        {
            _asking.Release();
        }
    }

    private async Task<CachedToken> AskAsync(MailOAuthOptions settings, CancellationToken cancellationToken)
    {
        using var client = clients.CreateClient(Client);
        using var form = new FormUrlEncodedContent(
        [
            new("grant_type", "client_credentials"), new("client_id", settings.ClientId), new("client_secret", settings.ClientSecret), new("scope", settings.Scope),
        ]);
        try
        {
            using var response = await client.PostAsync(settings.TokenEndpoint, form, cancellationToken);
            var answer = await response.Content.ReadFromJsonAsync(NotifierJson.Default.TokenAnswer, cancellationToken);
            return answer?.AccessToken is { Length: > 0 } token
                ? new CachedToken(token, time.GetUtcNow().AddSeconds(answer.ExpiresIn))
                : throw Refuse((int)response.StatusCode, $"the token endpoint answered {(int)response.StatusCode}: {Redaction.Scrub(answer?.Error ?? "no token")}");
        }
        catch (Exception exception) when (exception is HttpRequestException or System.Text.Json.JsonException or InvalidOperationException)
        {
            // An InvalidOperationException means that the charset of the answer is unknown.
            throw new MailTokenException($"the token endpoint of Mail:OAuth gave no usable answer: {exception.Message}", exception);
        }
    }

    // Most 4xx answers mean that the application or its secret is wrong. A retry would get the same answer. 408, 429 and 5xx are temporary.
    private static Exception Refuse(int status, string text) => status is >= 400 and < 500 and not (408 or 429) ? new AuthenticationException(text) : new MailTokenException(text);

    // A class and not a struct, because one session can replace the reference while another session reads it.
    private sealed record CachedToken(string Token, DateTimeOffset Until);
}

/// <summary>The answer of a token endpoint.</summary>
/// <param name="AccessToken">The token; null if the endpoint refused it.</param>
/// <param name="ExpiresIn">The seconds until the token expires.</param>
/// <param name="Error">The code of the error; null if the endpoint gave a token.</param>
internal sealed record TokenAnswer(
    [property: JsonPropertyName("access_token")] string? AccessToken, [property: JsonPropertyName("expires_in")] int ExpiresIn, [property: JsonPropertyName("error")] string? Error);
