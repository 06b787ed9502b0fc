using System.Text.Json.Nodes;

namespace MLEvents.Tests.Services.Official;

/// <summary>A request with a body that a service sent to Azure.</summary>
/// <param name="Method">The method.</param>
/// <param name="Path">The path, without its query.</param>
/// <param name="ApiVersion">The API version; null outside Azure Resource Manager.</param>
/// <param name="Body">The body.</param>
public sealed record SentRequest(string Method, string Path, string? ApiVersion, JsonNode? Body);
