using System.Text.RegularExpressions;

using MLEvents.Tests.Common;

namespace MLEvents.Architecture;

/// <summary>Rules for HTTP clients. No analyzer checks these rules.</summary>
public sealed partial class HttpClientTests
{
    private static readonly string[] CodeFolders = ["services", "tools", "deploy"];

    /// <summary>A client that follows a redirect would send a token, a key or a secret to another host.</summary>
    [Fact]
    public void No_client_outside_the_tests_follows_redirects()
    {
        var sources = CodeOf(CodeFolders).Select(file => (File: Path.GetRelativePath(Repository.Root, file), Text: File.ReadAllText(file))).ToList();

        Assert.Equal([], sources.Where(source => Handler().Matches(source.Text).Any(handler => !handler.Value.Contains("AllowAutoRedirect = false", StringComparison.Ordinal))).Select(source => source.File));
        Assert.Equal([], sources.Where(source => ClientWithoutHandler().IsMatch(source.Text)).Select(source => source.File));
        Assert.Equal([], sources.Where(source => NamedClient().Count(source.Text) > OwnHandler().Count(source.Text)).Select(source => source.File));
    }

    [Fact]
    public void No_code_replaces_the_validation_of_certificates()
    {
        Assert.All(CodeOf(CodeFolders), file => Assert.DoesNotMatch(CertificateCallback(), File.ReadAllText(file)));
    }

    private static IEnumerable<string> CodeOf(IEnumerable<string> folders) =>
        folders.SelectMany(folder => Directory.EnumerateFiles(Repository.PathOf(folder), "*.cs", SearchOption.AllDirectories));

    [GeneratedRegex(@"new (?:SocketsHttpHandler|HttpClientHandler)\b(?:\(\))?(?:\s*\{[^}]*\})?")]
    private static partial Regex Handler();

    [GeneratedRegex(@"new HttpClient\s*(?:\(\)|\{)|\bHttpClient \w+ = new\(\)")]
    private static partial Regex ClientWithoutHandler();

    [GeneratedRegex(@"\.AddHttpClient\s*[<(]")]
    private static partial Regex NamedClient();

    [GeneratedRegex(@"\.ConfigurePrimaryHttpMessageHandler\(")]
    private static partial Regex OwnHandler();

    [GeneratedRegex("ServerCertificate(Custom)?ValidationCallback|RemoteCertificateValidationCallback|DangerousAcceptAnyServerCertificateValidator")]
    private static partial Regex CertificateCallback();
}
