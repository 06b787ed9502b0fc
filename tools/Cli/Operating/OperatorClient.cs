using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

using MLEvents.Cli.Rules;

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
    /// <returns>The answer, which is an object.</returns>
    /// <exception cref="CommandFault">The service refused, could not be reached, or gave an answer that is not an object.</exception>
    public Task<JsonElement> AskAsync(HttpMethod method, string path, CancellationToken cancellationToken) => AskAsync(method, path, body: null, cancellationToken);

    /// <summary>Sends one request with a body.</summary>
    /// <returns>The answer, which is an object.</returns>
    /// <exception cref="CommandFault">The service refused, could not be reached, or gave an answer that is not an object.</exception>
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
            if (!response.IsSuccessStatusCode)
            {
                throw Refusal((int)response.StatusCode, answer);
            }

            return answer.ValueKind == JsonValueKind.Object ? answer : throw Unexpected("it is not an object");
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
    /// <returns>The entries, which are objects.</returns>
    /// <exception cref="CommandFault">The service refused, could not be reached, or gave an answer that is not a page of a list.</exception>
    public async Task<List<JsonElement>> ListAsync(string path, int limit, CancellationToken cancellationToken)
    {
        var items = new List<JsonElement>();
        for (var next = ""; next is not null && items.Count < limit;)
        {
            var separator = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
            var page = await AskAsync(HttpMethod.Get, $"{path}{separator}limit={Math.Min(limit - items.Count, MaxPageSize)}{next}", cancellationToken);
            items.AddRange(Read(page, ItemsOf));
            next = Read(page, ContinuationOf) is { } continuation ? $"&continuation={Uri.EscapeDataString(continuation)}" : null;
        }

        return items;
    }

    /// <summary>Reads parts of an answer.</summary>
    /// <param name="answer">An answer of this service.</param>
    /// <param name="read">Reads the parts, and throws a <see cref="JsonException"/> if one is missing.</param>
    /// <exception cref="CommandFault">A part is missing or has another form.</exception>
    public T Read<T>(JsonElement answer, Func<JsonElement, T> read)
    {
        try
        {
            return read(answer);
        }
        catch (JsonException exception)
        {
            throw Unexpected(exception.Message, exception);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonElement> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            using var document = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken), Deep);
            return JsonStrings.AreText(document.RootElement) ? document.RootElement.Clone() : throw Unexpected("it contains bytes that are not UTF-8, or half of a surrogate pair");
        }
        catch (JsonException exception)
        {
            throw new CommandFault(ExitCodes.Unreachable, $"{Service} answered {(int)response.StatusCode} without JSON. Check that the address belongs to a service.", exception);
        }
    }

    private static List<JsonElement> ItemsOf(JsonElement page)
    {
        var items = OperatorJson.List(page, "items").ToList();
        return items.TrueForAll(item => item.ValueKind == JsonValueKind.Object) ? items : throw new JsonException("an entry of 'items' is not an object");
    }

    private static string? ContinuationOf(JsonElement page) => OperatorJson.Member(page, "continuation") switch
    {
        { ValueKind: JsonValueKind.String } continuation => continuation.GetString(),
        { ValueKind: JsonValueKind.Null } => null,
        _ => throw new JsonException("'continuation' is not a string"),
    };

    private CommandFault Unexpected(string problem, JsonException? exception = null) =>
        new(ExitCodes.Unreachable, $"{Service} gave an unexpected answer: {problem}. Check that the address belongs to a service, and that the service and mlevents have the same version.", exception);

    private CommandFault Refusal(int status, JsonElement problem)
    {
        var said = string.Join(' ', new[] { OperatorJson.Text(problem, "title"), OperatorJson.Text(problem, "detail") }.Where(text => text.Length > 0));
        return new CommandFault(status >= 500 ? ExitCodes.Unreachable : ExitCodes.Refused, $"{Service} answered {status}: {(said.Length > 0 ? said : "it gave no reason")}") { Status = status };
    }
}
