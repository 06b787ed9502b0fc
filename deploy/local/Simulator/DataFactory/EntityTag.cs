using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.DataFactory;

/// <summary>Conditional requests of Data Factory: <c>If-Match</c> on PUT and <c>If-None-Match</c> on GET.</summary>
internal static class EntityTag
{
    /// <summary>Returns the resource with its ETag, or 304 if the caller already has the current version.</summary>
    public static ArmReply Answer(ArmRequest request, JsonObject resource)
    {
        var tag = Read(resource);
        var reply = Matches(request.Header("If-None-Match"), tag) ? new ArmReply(StatusCodes.Status304NotModified) : ArmReply.Ok(resource);
        return reply.With("ETag", $"\"{tag}\"");
    }

    /// <summary>Rejects a change whose <c>If-Match</c> is not the ETag of the stored resource.</summary>
    /// <exception cref="ArmRefusal">The resource does not exist or has another ETag.</exception>
    public static void RequireMatch(ArmRequest request, JsonObject? stored)
    {
        if (request.Header("If-Match") is { } wanted && (stored is null || !Matches(wanted, Read(stored))))
        {
            throw new ArmRefusal(StatusCodes.Status412PreconditionFailed, "PreconditionFailed", $"The If-Match header {wanted} is not the ETag of the resource.", "If-Match");
        }
    }

    // The ETag of a pipeline is in the member 'etag'. That of a factory is in 'eTag', with quotation marks.
    private static string Read(JsonObject resource) => (resource.Text("etag") ?? resource.Text("eTag") ?? "").Trim('"');

    private static bool Matches(string? header, string tag) => header is not null && (header == "*" || header.Trim('"') == tag);
}
