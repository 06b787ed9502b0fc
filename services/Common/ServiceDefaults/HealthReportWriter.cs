using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace MLEvents.ServiceDefaults;

/// <summary>Writes each health check's state, description and data as JSON.</summary>
internal static class HealthReportWriter
{
    public static Task WriteAsync(HttpContext context, HealthReport report)
    {
        var json = context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        return context.Response.WriteAsJsonAsync(HealthView.From(report), (JsonTypeInfo<HealthView>)json.GetTypeInfo(typeof(HealthView)), contentType: null, context.RequestAborted);
    }
}

/// <summary>The health of a service.</summary>
/// <param name="Status">The worst status of the checks.</param>
/// <param name="Checks">The checks by their names.</param>
internal sealed record HealthView(string Status, IReadOnlyDictionary<string, HealthCheckView> Checks)
{
    public static HealthView From(HealthReport report) => new(
        report.Status.ToString(),
        report.Entries.ToDictionary(entry => entry.Key, entry => new HealthCheckView(entry.Value.Status.ToString(), entry.Value.Description, entry.Value.Data)));
}

/// <summary>The result of a health check.</summary>
/// <param name="Status">Healthy, Degraded or Unhealthy.</param>
/// <param name="Description">The reason; null if the check gives none.</param>
/// <param name="Data">Values of the check. A service without reflection for JSON can write texts and whole numbers only.</param>
internal sealed record HealthCheckView(string Status, string? Description, IReadOnlyDictionary<string, object> Data);

/// <summary>The JSON contract of the health.</summary>
[JsonSerializable(typeof(HealthView))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(int))]
internal sealed partial class HealthJson : JsonSerializerContext;
