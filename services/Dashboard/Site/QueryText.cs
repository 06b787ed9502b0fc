namespace MLEvents.Dashboard.Site;

/// <summary>Builds addresses with a query.</summary>
internal static class QueryText
{
    /// <summary>Returns the path with the parameters that have a value.</summary>
    public static string Build(string path, params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        var query = new List<string>();
        foreach (var (name, value) in parameters)
        {
            if (!string.IsNullOrEmpty(value))
            {
                query.Add($"{name}={Uri.EscapeDataString(value)}");
            }
        }

        return query.Count == 0 ? path : $"{path}?{string.Join('&', query)}";
    }
}
