using System.Text.Json.Nodes;

namespace MLEvents.AzureML;

/// <summary>Reads lists that come in pages, each page a call of its own.</summary>
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
            items.AddRange(page.Objects("value"));
            link = page is null ? null : next(page);
            if (!string.IsNullOrEmpty(link) && !seen.Add(link))
            {
                throw new AzureException($"{operation}: the pages are linked in a ring.") { Operation = operation, Code = AzureException.UnreadableAnswerCode };
            }
        }
        while (!string.IsNullOrEmpty(link));

        return items;
    }

    /// <summary>Reads a list of Resource Manager, following <c>nextLink</c>; empty for 404.</summary>
    public static Task<IReadOnlyList<JsonObject>> ReadListAsync(
        this AzureDependency azure, ArmConnection arm, string operation, string pathAndQuery, CancellationToken cancellationToken) =>
        azure.ReadAllAsync(
            operation,
            async (link, token) => (await arm.FindAsync(PathAndQuery(link) ?? pathAndQuery, token))?.Body,
            answer => answer.Text("nextLink"),
            cancellationToken);

    /// <summary>The part of a link after the host. The host is always our own endpoint: a link must not choose who gets the token.</summary>
    public static string? PathAndQuery(string? link) => Uri.TryCreate(link, UriKind.Absolute, out var address) && !address.IsFile ? address.PathAndQuery : link;
}
