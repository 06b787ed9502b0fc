using System.Globalization;
using System.Text.Json;

using MLEvents.Events;

namespace MLEvents.Cli.Login;

/// <summary>Calls the endpoints of an OpenID Connect issuer.</summary>
internal sealed class TokenClient : IDisposable
{
    private const string Discovery = "/.well-known/openid-configuration";
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = Timeout };

    /// <summary>Reads the issuer's metadata.</summary>
    /// <exception cref="CommandFault">The issuer cannot be reached, does not answer with JSON, or names no encrypted endpoints for a login by device code.</exception>
    public async Task<(Uri Device, Uri Token)> DiscoverAsync(Uri issuer, CancellationToken cancellationToken)
    {
        var address = new Uri(issuer.ToString().TrimEnd('/') + Discovery);
        var (status, metadata) = await SendAsync(new HttpRequestMessage(HttpMethod.Get, address), cancellationToken);
        return status == 200 && FindEndpoint(metadata, "device_authorization_endpoint") is { } device && FindEndpoint(metadata, "token_endpoint") is { } token
            ? (device, token)
            : throw new CommandFault(ExitCodes.Refused, $"{address} (status {status}) names no endpoint for a login by device code. Check --issuer.");
    }

    /// <summary>Posts a form.</summary>
    /// <returns>The status and the JSON of the answer.</returns>
    /// <exception cref="CommandFault">The issuer cannot be reached, or does not answer with JSON.</exception>
    public Task<(int Status, JsonElement Body)> PostAsync(Uri endpoint, IReadOnlyDictionary<string, string> form, CancellationToken cancellationToken) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Post, endpoint) { Content = new FormUrlEncodedContent(form) }, cancellationToken);

    /// <summary>The login of a token response; null if the response contains no token.</summary>
    public static CachedLogin? ReadLogin(JsonElement answer, Uri endpoint, string clientId, string scope, DateTimeOffset now) =>
        OperatorJson.Text(answer, "access_token") is { Length: > 0 } token
            ? new CachedLogin(CachedLogin.DeviceSource, scope, token, now.AddSeconds(ReadNumber(answer, "expires_in", otherwise: 0)))
            {
                TokenEndpoint = endpoint,
                ClientId = clientId,
                RefreshToken = OperatorJson.Text(answer, "refresh_token") is { Length: > 0 } refresh ? refresh : null,
            }
            : null;

    /// <summary>Reads a positive number from a member of an answer; <paramref name="otherwise"/> if there is none. The member may be a string, because some issuers send numbers as strings.</summary>
    public static int ReadNumber(JsonElement answer, string name, int otherwise) =>
        int.TryParse(OperatorJson.Text(answer, name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : otherwise;

    /// <summary>Whether a status of the issuer is temporary, so that a later request can succeed.</summary>
    public static bool IsTemporary(int status) => status is 408 or 429 or >= 500;

    public void Dispose() => _http.Dispose();

    // The device code and the refresh token must not be sent to an unencrypted address, even if the metadata names one.
    private static Uri? FindEndpoint(JsonElement metadata, string name) =>
        Uri.TryCreate(OperatorJson.Text(metadata, name), UriKind.Absolute, out var endpoint) && SecureAddress.IsSecure(endpoint) ? endpoint : null;

    private async Task<(int Status, JsonElement Body)> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using (request)
        {
            var status = 0;
            try
            {
                using var response = await _http.SendAsync(request, cancellationToken);
                status = (int)response.StatusCode;
                using var document = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
                return (status, document.RootElement.Clone());
            }
            catch (JsonException exception)
            {
                throw new CommandFault(ExitCodes.Unreachable, $"{request.RequestUri} did not answer with JSON; is it an OpenID Connect issuer?", exception) { Status = status };
            }
            catch (Exception exception) when (exception is HttpRequestException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                throw new CommandFault(ExitCodes.Unreachable, $"{request.RequestUri} could not be reached: {exception.Message}", exception);
            }
        }
    }
}
