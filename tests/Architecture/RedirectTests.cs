using System.Text.RegularExpressions;

using MLEvents.Tests.Common;

namespace MLEvents.Architecture;

/// <summary>Habits of clients that no analyzer checks.</summary>
public sealed partial class RedirectTests
{
    // Clients that send a token, a key or a secret to an address of the settings or of the user.
    private static readonly string[] ClientsWithTokens =
    [
        "services/Common/ServiceDefaults/Tokens/TokenServiceCollectionExtensions.cs", "services/Dashboard/Operating/OperatingServiceCollectionExtensions.cs", "services/Notifier/NotifierService.cs",
        "tools/Cli/Operating/OperatorClient.cs", "tools/Cli/Login/TokenClient.cs", "tools/Cli/Sending/SendCommand.cs",
    ];

    private static readonly string[] CodeFolders = ["services", "tools", "deploy"];

    [Fact]
    public void No_client_with_a_token_follows_redirects() => Assert.All(
        ClientsWithTokens,
        file => Assert.Contains("AllowAutoRedirect = false", File.ReadAllText(Repository.PathOf(file)), StringComparison.Ordinal));

    [Fact]
    public void No_code_replaces_the_validation_of_certificates()
    {
        var files = CodeFolders.SelectMany(folder => Directory.EnumerateFiles(Repository.PathOf(folder), "*.cs", SearchOption.AllDirectories));

        Assert.All(files, file => Assert.DoesNotMatch(CertificateCallback(), File.ReadAllText(file)));
    }

    [GeneratedRegex("ServerCertificate(Custom)?ValidationCallback|RemoteCertificateValidationCallback|DangerousAcceptAnyServerCertificateValidator")]
    private static partial Regex CertificateCallback();
}
