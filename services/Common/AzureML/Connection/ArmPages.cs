using System.Text.Json.Nodes;

using MLEvents.AzureML.Errors;
using MLEvents.AzureML.Resilience;

namespace MLEvents.AzureML.Connection;

/// <summary>Reads paged lists. Each page is a separate call.</summary>
internal static class ArmPages
{
    public static async Task<IReadOnlyList<JsonObject>> ReadAllAsync(
        this AzureDependency azure, string operation, Func<string?, CancellationToken, Task<JsonObject?>> read, Func<JsonObject, string?> next, CancellationToken cancellationToken)
    {
        var items = new List<JsonObject>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        string? link = null;
        do
        {
            var page = await azure.CallAsync(operation, token => read(link, token), cancellationToken);
            if (page is null && link is not null)
            {
                throw new AzureException($"{operation}: a page of the list no longer exists, so the list is incomplete.") { Operation = operation, Code = AzureException.UnreadableAnswerCode, IsTransient = true };
            }

            items.AddRange(page.Objects("value"));
            link = page is null ? null : next(page);
            if (!string.IsNullOrEmpty(link) && !seen.Add(link))
            {
                throw new AzureException($"{operation}: the pages link to each other in a cycle.") { Operation = operation, Code = AzureException.UnreadableAnswerCode };
            }
        }
        while (!string.IsNullOrEmpty(link));

        return items;
    }

    /// <summary>Reads a list of Resource Manager, following <c>nextLink</c>; empty if the first page is answered with 404.</summary>
    public static Task<IReadOnlyList<JsonObject>> ReadListAsync(
        this AzureDependency azure, ArmConnection arm, string operation, ArmPath path, CancellationToken cancellationToken) =>
        azure.ReadAllAsync(
            operation,
            async (link, token) => (await arm.FindAsync(link is null ? path : Follow(arm, operation, link), token))?.Body,
            answer => answer.Text("nextLink"),
            cancellationToken);

    private static ArmPath Follow(ArmConnection arm, string operation, string link) => arm.FromLink(link)
        ?? throw new AzureException($"{operation}: the answer links to a page outside Azure Resource Manager; the link is not followed.") { Operation = operation, Code = AzureException.UnreadableAnswerCode };
}
