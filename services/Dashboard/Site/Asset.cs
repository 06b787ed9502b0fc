namespace MLEvents.Dashboard.Site;

/// <summary>The style sheet and the script. They are resources of the assembly, so the service finds them from any working directory.</summary>
internal sealed class Asset
{
    private readonly byte[] _bytes;
    private readonly string _name;
    private readonly string _type;

    private Asset(string name, string type)
    {
        (_name, _type) = (name, type);
        using var stream = typeof(Asset).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"The assembly contains no resource '{name}'.");
        using var buffer = new MemoryStream();
        stream.CopyTo(buffer);
        _bytes = buffer.ToArray();
        Address = $"/assets/{typeof(Asset).Module.ModuleVersionId.ToString("N")[..12]}/{name}";
    }

    public static Asset Styles { get; } = new("dashboard.css", "text/css; charset=utf-8");

    public static Asset Script { get; } = new("dashboard.js", "text/javascript; charset=utf-8");

    /// <summary>The address of the asset. The address changes with each build, so browsers may cache the asset for a year.</summary>
    public string Address { get; }

    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach (var asset in (Asset[])[Styles, Script])
        {
            routes.MapGet($"/assets/{{version}}/{asset._name}", (HttpContext context, string version) =>
            {
                context.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
                return TypedResults.Bytes(asset._bytes, asset._type);
            }).AllowAnonymous();
        }
    }
}
