using System.Net.Http.Headers;
using System.Text.Json;

using Microsoft.Extensions.Options;

using MLEvents.Dashboard.Access;
using MLEvents.Events;

namespace MLEvents.Dashboard.Operating;

/// <summary>Calls the operator APIs of the services, like the tool <c>mlevents</c>.</summary>
internal sealed class OperatorApiClient(HttpClient http, SignedInUser user, IHttpContextAccessor contexts, IOptions<DashboardOptions> options)
{
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = JsonLimits.MaxDepth + JsonLimits.Wrapping };

    /// <summary>Sends one request without a body.</summary>
    public Task<ServiceAnswer> SendAsync(string service, HttpMethod method, string path, CancellationToken cancellationToken) => SendAsync(service, method, path, null, cancellationToken);

    /// <summary>Sends one request to the operator API of a service. A failure is an answer, not an exception.</summary>
    /// <param name="service">The service.</param>
    /// <param name="method">The method.</param>
    /// <param name="path">The path with the query, without a leading slash.</param>
    /// <param name="body">The body, which is sent as JSON; null for none.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public async Task<ServiceAnswer> SendAsync(string service, HttpMethod method, string path, JsonElement? body, CancellationToken cancellationToken)
    {
        if (!options.Value.Services.TryGetValue(service, out var address))
        {
            return new(0, default, $"The address of '{service}' is unknown. Set Dashboard:Services:{service}.");
        }

        try
        {
            using var request = new HttpRequestMessage(method, new Uri($"{address.ToString().TrimEnd('/')}/{path}")) { Content = body is not { } sent ? null : JsonContent.Create(sent, DashboardJson.Default.JsonElement) };
            await AuthorizeAsync(request);
            using var response = await http.SendAsync(request, cancellationToken);
            using var document = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken), Deep);
            var read = document.RootElement.Clone();
            return new((int)response.StatusCode, read, response.IsSuccessStatusCode ? "" : Explain(service, (int)response.StatusCode, read));
        }
        catch (JsonException)
        {
            return new(0, default, $"{service} at {address} did not answer with JSON. Check Dashboard:Services:{service}.");
        }
        catch (Exception exception) when (exception is HttpRequestException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new(0, default, $"{service} at {address} could not be reached: {exception.Message}");
        }
    }

    // The service records the user of the token and the address of the browser.
    private async Task AuthorizeAsync(HttpRequestMessage request)
    {
        if (await user.FindTokenAsync(contexts.HttpContext) is { } token)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        if (contexts.HttpContext?.Connection.RemoteIpAddress is { } browser)
        {
            request.Headers.TryAddWithoutValidation("X-Forwarded-For", browser.ToString());
        }
    }

    private static string Explain(string service, int status, JsonElement problem)
    {
        var reason = string.Join(' ', new[] { JsonText.Text(problem, "title"), JsonText.Text(problem, "detail") }.OfType<string>());
        return $"{service} answered {status}: {(reason.Length > 0 ? reason : "no reason given")}";
    }
}
