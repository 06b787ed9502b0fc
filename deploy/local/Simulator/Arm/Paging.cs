using System.Globalization;
using System.Text.Json.Nodes;

using Microsoft.Extensions.Options;

using MLEvents.Local.Simulator.Configuration;

namespace MLEvents.Local.Simulator.Arm;

/// <summary>Splits lists into pages with a <c>nextLink</c>.</summary>
internal sealed class Paging(IOptions<SimulatorOptions> options)
{
    private static readonly string[] CarriedParameters = ["$top", "count", "tag", "tags", "properties", "description", "name", "jobType", "version", "listViewType", "$orderBy", "orderBy"];

    /// <summary>Returns the page that the skip token or the offset of the request selects.</summary>
    public ArmReply Page(ArmRequest request, IEnumerable<JsonObject> resources)
    {
        var skip = Skip(request);
        var size = options.Value.PageSize;
        if (int.TryParse(request.Query("$top") ?? request.Query("count"), CultureInfo.InvariantCulture, out var top) && top > 0)
        {
            size = Math.Min(size, top);
        }

        var rest = resources.Skip(skip).ToList();
        var body = new JsonObject { ["value"] = new JsonArray([.. rest.Take(size)]) };
        if (rest.Count > size)
        {
            body["nextLink"] = NextLink(request, skip + size);
        }

        return ArmReply.Ok(body);
    }

    // A skip token counts from the start of the list; it replaces the offset of the first request.
    private static int Skip(ArmRequest request)
    {
        var token = request.Query("$skipToken") ?? request.Query("$skip");
        if (token is null && request.Query("offset") is { } offset)
        {
            return int.TryParse(offset, NumberStyles.None, CultureInfo.InvariantCulture, out var first)
                ? first
                : throw ArmRefusal.UserError($"'offset' is '{offset}'; it must be an integer of at least 0.", "offset");
        }

        return int.TryParse(token, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : 0;
    }

    private static string NextLink(ArmRequest request, int skip)
    {
        var carried = CarriedParameters
            .Select(name => (name, value: request.Query(name)))
            .Where(pair => pair.value is not null)
            .Select(pair => $"&{pair.name}={Uri.EscapeDataString(pair.value ?? "")}");
        return $"{request.BaseAddress}{request.Path}?api-version={request.ApiVersion}{string.Concat(carried)}&$skipToken={skip.ToString(CultureInfo.InvariantCulture)}";
    }
}
