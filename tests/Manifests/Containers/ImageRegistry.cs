using System.Security.Cryptography;
using System.Text;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MLEvents.Manifests.Containers;

/// <summary>
/// An image registry on loopback. It serves manifests by the OCI distribution API, and has a token service, as Docker Hub and Azure Container Registry have.
/// </summary>
internal sealed class ImageRegistry : IAsyncDisposable
{
    private const string Token = "registry-token";
    private readonly WebApplication _app;
    private int _read;

    private ImageRegistry(WebApplication app) => _app = app;

    /// <summary>The host and the port of the registry, which are the first part of an image reference.</summary>
    public string Host => new Uri(_app.Urls.Single()).Authority;

    /// <summary>The credentials that the token service requires, <c>user:password</c>. Null: the token service gives tokens to all callers.</summary>
    public string? Credentials { get; set; }

    /// <summary>The digest that the registry returns in place of the digest of the manifest. Null: it returns the digest of the manifest.</summary>
    public string? StatedDigest { get; set; }

    /// <summary>The number of manifests that the registry has returned.</summary>
    public int Read => _read;

    /// <summary>The digest of the manifest of <c>name:tag</c>.</summary>
    public static string DigestOf(string image) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Manifest(image)))}";

    public static async Task<ImageRegistry> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var registry = new ImageRegistry(builder.Build());
        registry._app.MapGet("/v2/{owner}/{name}/manifests/{tag}", registry.GetManifest);
        registry._app.MapGet("/token", registry.GetToken);
        await registry._app.StartAsync(cancellationToken);
        return registry;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private static byte[] Manifest(string image) => Encoding.UTF8.GetBytes($$"""{"mediaType":"application/vnd.oci.image.index.v1+json","image":"{{image}}"}""");

    private IResult GetManifest(string owner, string name, string tag, HttpContext context)
    {
        if (context.Request.Headers.Authorization != $"Bearer {Token}")
        {
            context.Response.Headers.WWWAuthenticate = $"""Bearer realm="http://{Host}/token",service="registry",scope="repository:{owner}/{name}:pull" """;
            return Results.Unauthorized();
        }

        if (tag == "missing" || !context.Request.Headers.Accept.ToString().Contains("application/vnd.oci.image.index.v1+json", StringComparison.Ordinal))
        {
            return Results.NotFound();
        }

        Interlocked.Increment(ref _read);
        context.Response.Headers["Docker-Content-Digest"] = StatedDigest ?? DigestOf($"{owner}/{name}:{tag}");
        return Results.Bytes(Manifest($"{owner}/{name}:{tag}"), "application/vnd.oci.image.index.v1+json");
    }

    private IResult GetToken(string service, string scope, HttpRequest request)
    {
        var allowed = Credentials is not { } credentials || request.Headers.Authorization == $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials))}";
        return allowed && service == "registry" && scope.EndsWith(":pull", StringComparison.Ordinal) ? Results.Json(new { token = Token, expires_in = 60 }) : Results.Text("not allowed", statusCode: 403);
    }
}
