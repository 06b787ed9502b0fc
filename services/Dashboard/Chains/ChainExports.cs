using System.Text;
using System.Text.Json;

using Microsoft.AspNetCore.Http.HttpResults;

using MLEvents.Dashboard.History;

namespace MLEvents.Dashboard.Chains;

/// <summary>Exports a chain as an SVG or JSON file.</summary>
internal static class ChainExports
{
    private static readonly DashboardJson Indented = new(new JsonSerializerOptions(JsonSerializerDefaults.Web) { WriteIndented = true });

    public static void MapChainExports(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/chain/svg", async (HttpContext context, string id, HistoryQueries queries, TimeProvider time) =>
            TypedResults.File(Encoding.UTF8.GetBytes(ChainSvg.Draw(await ReadAsync(context, id, queries, time), standalone: true)), "image/svg+xml", "chain.svg"));
        routes.MapGet("/chain/json", async Task<FileContentHttpResult> (HttpContext context, string id, HistoryQueries queries, TimeProvider time) =>
            TypedResults.File(JsonSerializer.SerializeToUtf8Bytes(await ReadAsync(context, id, queries, time), Indented.ChainTimeline), "application/json", "chain.json"));
    }

    private static async Task<ChainTimeline> ReadAsync(HttpContext context, string id, HistoryQueries queries, TimeProvider time) =>
        ChainTimeline.From(await queries.ChainAsync(id, context.RequestAborted), time.GetUtcNow());
}
