using System.Net.Http.Headers;

using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.Delivery;

namespace MLEvents.Local.Sidecar.Bindings.Http;

/// <summary>Creates the HTTP request of an invocation, with the headers that daprd sends.</summary>
internal static class HttpBindingRequest
{
    private const string Json = "application/json; charset=utf-8";

    /// <summary>Creates the request of an operation.</summary>
    /// <exception cref="BindingException">The metadata item <c>path</c> contains <c>..</c>.</exception>
    public static HttpRequestMessage Create(HttpBindingOptions options, string operation, BindingMessage message)
    {
        var method = operation == "create" ? HttpMethod.Post : HttpMethod.Parse(operation.ToUpperInvariant());
        var request = new HttpRequestMessage(method, Address(options, message.Metadata.GetValueOrDefault("path")));
        if (method == HttpMethod.Post || method == HttpMethod.Put || method == HttpMethod.Patch)
        {
            request.Content = new ReadOnlyMemoryContent(message.Data);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", Json);
        }

        request.Headers.TryAddWithoutValidation("User-Agent", "Go-http-client/1.1");
        request.Headers.TryAddWithoutValidation("Accept", Json);
        AddHeaders(request, message.Metadata);
        if (options.SecurityToken is { Key: var header, Value: var token })
        {
            Set(request, header, token);
        }

        return request;
    }

    private static Uri Address(HttpBindingOptions options, string? path)
    {
        if (string.IsNullOrEmpty(path))
        {
            return new Uri(options.Address);
        }

        // The path can contain data of an event. That data must not address another part of the server. daprd does not check the path.
        // A server may also read an escaped slash as a separator, so the path is unescaped before it is split.
        return Uri.UnescapeDataString(path.Split('?')[0]).Split('/', '\\').Contains("..")
            ? throw new BindingException($"invalid path '{path}': it must not contain '..'")
            : new Uri($"{options.Address}/{path.TrimStart('/')}");
    }

    private static void AddHeaders(HttpRequestMessage request, IReadOnlyDictionary<string, string> metadata)
    {
        // As in daprd, names that start with a capital letter are headers, and the others are settings. The trace headers are exceptions.
        foreach (var (name, value) in metadata.Where(item => item.Key is "traceparent" or "tracestate" || (item.Key.Length > 0 && char.IsUpper(item.Key[0]))))
        {
            Set(request, name, value);
        }
    }

    private static void Set(HttpRequestMessage request, string name, string value)
    {
        HttpHeaders headers = request.Content is not null && name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase) ? request.Content.Headers : request.Headers;
        headers.Remove(name);
        headers.TryAddWithoutValidation(name, MetadataHeaders.OneLine(value));
    }
}
