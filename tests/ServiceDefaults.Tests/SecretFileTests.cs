using System.Net;

using MLEvents.Tests.Common;

namespace MLEvents.ServiceDefaults.Tests;

/// <summary>Secret settings can come from a folder that has one file for each setting. Secret stores mount such folders.</summary>
public sealed class SecretFileTests : IDisposable
{
    private const string FirstToken = "the-first-token-of-a-file";

    private readonly TempFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_file_in_the_folder_sets_a_setting()
    {
        _folder.Write("Operations__Token", FirstToken + "\n");
        await using var fixture = await OperatorFixture.StartAsync(Token, ("Token", null), ("Secrets:Directory", _folder.Path));

        using var response = await fixture.SendAsync(HttpMethod.Get, "/things", FirstToken, Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_folder_that_does_not_exist_stops_the_start() =>
        await Assert.ThrowsAsync<DirectoryNotFoundException>(() => OperatorFixture.StartAsync(Token, ("Secrets:Directory", Path.Combine(_folder.Path, "missing"))));
}
