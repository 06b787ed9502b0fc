using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLEvents.Cli.Operating;

/// <summary>A client of the operator API of one service.</summary>
internal sealed class OperatorClient : IDisposable
{
    private const int MaxPageSize = 200;

    // An event is nested at most 512 levels deep. An answer that contains the event has a few more levels.
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 1024 };

    private readonly HttpClient _http;
    private readonly Func<CancellationToken, Task<string?>> _findToken;

    /// <param name="service">The service's address.</param>
    /// <param name="findToken">Finds the token to send. The result may be null.</param>
    public OperatorClient(Uri service, Func<CancellationToken, Task<string?>> findToken)
    {
        (Service, _findToken) = (service, findToken);
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(service.ToString().TrimEnd('/') + "/"), Timeout = TimeSpan.FromSeconds(30) };
    }

    /// <summary>The service's address.</summary>
    public Uri Service { get; }

    /// <summary>Sends one request.</summary>
    /// <exception cref="CommandFault">The service refused, or could not be reached.</exception>
    public Task<JsonElement> AskAsync(HttpMethod method, string path, CancellationToken cancellationToken) => AskAsync(method, path, body: null, cancellationToken);

    /// <summary>Sends one request with a body.</summary>
    /// <exception cref="CommandFault">The service refused, or could not be reached.</exception>
    public async Task<JsonElement> AskAsync(HttpMethod method, string path, JsonObject? body, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative))
            {
                Content = body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"),
            };
            request.Headers.Authorization = await _findToken(cancellationToken) is { } token ? new AuthenticationHeaderValue("Bearer", token) : null;
            using var response = await _http.SendAsync(request, cancellationToken);
            var answer = await ReadAsync(response, cancellationToken);
            return response.IsSuccessStatusCode ? answer : throw Refusal((int)response.StatusCode, answer);
        }
        catch (Exception exception) when (exception is HttpRequestException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new CommandFault(ExitCodes.Unreachable, $"{Service} could not be reached: {exception.Message}", exception);
        }
    }

    /// <summary>Reads a list, page by page.</summary>
    /// <param name="path">The list's path with its query, if it has one.</param>
    /// <param name="limit">The largest number of entries.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="CommandFault">The service refused, or could not be reached.</exception>
    public async Task<List<JsonElement>> ListAsync(string path, int limit, CancellationToken cancellationToken)
    {
        var items = new List<JsonElement>();
        for (var next = ""; next is not null && items.Count < limit;)
        {
            var separator = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
            var page = await AskAsync(HttpMethod.Get, $"{path}{separator}limit={Math.Min(limit - items.Count, MaxPageSize)}{next}", cancellationToken);
            items.AddRange(page.GetProperty("items").EnumerateArray());
            next = page.GetProperty("continuation").GetString() is { } continuation ? $"&continuation={Uri.EscapeDataString(continuation)}" : null;
        }

        return items;
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonElement> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            using var document = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken), Deep);
            return document.RootElement.Clone();
        }
        catch (JsonException exception)
        {
            throw new CommandFault(ExitCodes.Unreachable, $"{Service} answered {(int)response.StatusCode} without JSON. Check that the address is that of a service.", exception);
        }
    }

    private CommandFault Refusal(int status, JsonElement problem)
    {
        var said = string.Join(' ', new[] { OperatorJson.Text(problem, "title"), OperatorJson.Text(problem, "detail") }.Where(text => text.Length > 0));
        return new CommandFault(status >= 500 ? ExitCodes.Unreachable : ExitCodes.Refused, $"{Service} answered {status}: {(said.Length > 0 ? said : "it gave no reason")}") { Status = status };
    }
}
