using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

using MLEvents.Containers.Probe;

namespace MLEvents.Manifests.Containers;

public sealed class HealthProbeTests
{
    [Theory]
    [InlineData(200, 0)]
    [InlineData(503, 1)]
    public async Task The_exit_code_follows_the_status_code(int status, int exitCode)
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls", "http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        app.MapGet("/readyz", () => Results.StatusCode(status));
        await app.StartAsync(TestContext.Current.CancellationToken);

        Assert.Equal(exitCode, await HealthProbe.RunAsync([app.Urls.Single() + "/readyz"], TextWriter.Null));
    }

    [Theory]
    [InlineData("http://127.0.0.1:1/readyz", 1)]
    [InlineData("readyz", 2)]
    [InlineData("/readyz", 2)]
    [InlineData("ftp://127.0.0.1/readyz", 2)]
    [InlineData("file:///readyz", 2)]
    public async Task An_unreachable_or_invalid_url_is_a_failure(string address, int exitCode) =>
        Assert.Equal(exitCode, await HealthProbe.RunAsync([address], TextWriter.Null));
}
