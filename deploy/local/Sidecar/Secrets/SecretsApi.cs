using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

using Microsoft.AspNetCore.Http.HttpResults;

using MLEvents.Local.Sidecar.Requests;

namespace MLEvents.Local.Sidecar.Secrets;

/// <summary>HTTP routes of the secrets building block.</summary>
internal static class SecretsApi
{
    private static readonly SecretsJson Json = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static void MapSecrets(this IEndpointRouteBuilder routes)
    {
        var store = routes.MapGroup("/v1.0/secrets/{store}");
        store.MapGet("bulk", GetAllAsync);
        store.MapGet("{name}", GetAsync);
    }

    private static async Task<ContentHttpResult> GetAsync(
        string store, string name, HttpContext context, SecretsAccess secrets, CancellationToken cancellationToken)
    {
        var values = await secrets.GetAsync(store, context.DecodedLastSegment(name), ApiRequest.Metadata(context.Request), cancellationToken);
        return Answer(new SortedDictionary<string, string>(values.ToDictionary(), StringComparer.Ordinal), Json.SortedDictionaryStringString);
    }

    private static async Task<ContentHttpResult> GetAllAsync(string store, HttpContext context, SecretsAccess secrets, CancellationToken cancellationToken)
    {
        var all = await secrets.GetAllAsync(store, ApiRequest.Metadata(context.Request), cancellationToken);
        return Answer(new SortedDictionary<string, IReadOnlyDictionary<string, string>>(all.ToDictionary(), StringComparer.Ordinal), Json.SortedDictionaryStringIReadOnlyDictionaryStringString);
    }

    private static ContentHttpResult Answer<T>(T values, JsonTypeInfo<T> type) => TypedResults.Text(JsonSerializer.Serialize(values, type) + "\n", "application/json");
}

[JsonSerializable(typeof(SortedDictionary<string, string>))]
[JsonSerializable(typeof(SortedDictionary<string, IReadOnlyDictionary<string, string>>))]
internal sealed partial class SecretsJson : JsonSerializerContext;
