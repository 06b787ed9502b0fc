namespace MLEvents.Local.Sidecar.Delivery;

/// <summary>Header names as Go's net/http writes them: each part between hyphens starts upper-case, the rest is lower-case.</summary>
internal static class GoHeader
{
    public static string Canonical(string name) => string.Join('-', name.Split('-').Select(Capitalize));

    private static string Capitalize(string part) => string.Create(part.Length, part, static (target, source) =>
    {
        for (var index = 0; index < target.Length; index++)
        {
            target[index] = index == 0 ? char.ToUpperInvariant(source[index]) : char.ToLowerInvariant(source[index]);
        }
    });
}
