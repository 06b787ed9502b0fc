using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MLEvents.Manifests.Packages;

/// <summary>A NuGet feed on loopback with the metadata of one package.</summary>
internal sealed class PackageFeed : IAsyncDisposable
{
    // The address of each feed contains its own name, because NuGet caches answers by address and ports are reused.
    private readonly string _name = Guid.NewGuid().ToString("N");
    private readonly WebApplication _app;
    private readonly TempFolder _folder = new();

    private PackageFeed(WebApplication app) => _app = app;

    /// <summary>A configuration file of NuGet in which the feed is the only source.</summary>
    public string Configuration => Path.Combine(_folder.Path, "nuget.config");

    /// <summary>Starts a feed.</summary>
    /// <param name="package">The id of the package in lower case.</param>
    /// <param name="version">The version of the package.</param>
    /// <param name="advisory">
    /// The address of an advisory about the package; null if there is none. Without an advisory, the metadata has no list of vulnerabilities, as on
    /// nuget.org.
    /// </param>
    /// <param name="cancellationToken">Cancels the start.</param>
    public static async Task<PackageFeed> StartAsync(string package, string version, string? advisory, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var feed = new PackageFeed(builder.Build());
        feed._app.MapGet("/{name}/index.json", feed.GetIndex);
        feed._app.MapGet($"/{{name}}/packages/{package}/index.json", () => feed.GetMetadata(package, version, advisory));
        await feed._app.StartAsync(cancellationToken);
        feed._folder.Write("nuget.config", $"""<configuration><packageSources><clear /><add key="loopback" value="{feed.Address}/index.json" allowInsecureConnections="true" /></packageSources></configuration>""");
        return feed;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Stops the feed; its configuration file stays.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _app.StopAsync(cancellationToken);

    private string Address => $"{_app.Urls.Single().TrimEnd('/')}/{_name}";

    private IResult GetIndex() => Results.Text($$"""{"version":"3.0.0","resources":[{"@id":"{{Address}}/packages/","@type":"RegistrationsBaseUrl/3.6.0"}]}""", "application/json");

    private IResult GetMetadata(string package, string version, string? advisory)
    {
        var address = $"{Address}/packages/{package}";
        var vulnerabilities = advisory is null ? "" : $$""","vulnerabilities":[{"advisoryUrl":"{{advisory}}","severity":"2"}]""";
        var entry = $$"""{"@id":"{{address}}/{{version}}.json","id":"{{package}}","version":"{{version}}","listed":true{{vulnerabilities}} }""";
        var page = $$"""{"@id":"{{address}}/index.json","lower":"{{version}}","upper":"{{version}}","count":1,"items":[{"@id":"{{address}}/{{version}}.json","catalogEntry":{{entry}} }]}""";
        return Results.Text($$"""{"count":1,"items":[{{page}}]}""", "application/json");
    }
}
