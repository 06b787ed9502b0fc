using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

using MLEvents.Tests.Common;

namespace MLEvents.ServiceDefaults.Tests;

public sealed class ServiceBuilderTests
{
    [Fact]
    public void Settings_files_are_not_watched_by_default()
    {
        var files = ((IConfigurationBuilder)ServiceBuilder.Create([]).Configuration).Sources.OfType<JsonConfigurationSource>().ToList();

        Assert.NotEmpty(files);
        Assert.DoesNotContain(files, file => file.ReloadOnChange);
    }

    [Theory]
    [InlineData("simple")]
    [InlineData("json", "--Logging:Console:FormatterName=json")]
    public void The_console_formatter_can_be_chosen(string expected, params string[] args)
    {
        using var services = ServiceBuilder.Create(args).Services.BuildServiceProvider();

        Assert.Equal(expected, services.GetRequiredService<IOptions<ConsoleLoggerOptions>>().Value.FormatterName ?? "simple");
        Assert.Contains(services.GetServices<ConsoleFormatter>(), formatter => formatter.Name == expected);
    }

    [Fact]
    public async Task A_service_can_listen_on_https()
    {
        using var folder = new TempFolder();
        var file = Path.Combine(folder.Path, "server.pfx");
        using var key = RSA.Create(2048);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        await File.WriteAllBytesAsync(file, certificate.Export(X509ContentType.Pfx, "password"), TestContext.Current.CancellationToken);
        var builder = ServiceBuilder.Create(["--urls=https://127.0.0.1:0", $"--Kestrel:Certificates:Default:Path={file}", "--Kestrel:Certificates:Default:Password=password"]);
        await using var app = builder.Build();

        await app.StartAsync(TestContext.Current.CancellationToken);

        Assert.StartsWith("https://", Assert.Single(app.Urls), StringComparison.Ordinal);
    }

    [Fact]
    public void An_argument_turns_on_the_watch_of_the_settings_files() =>
        Assert.Contains(((IConfigurationBuilder)ServiceBuilder.Create(["--hostBuilder:reloadConfigOnChange=true"]).Configuration).Sources.OfType<JsonConfigurationSource>(), file => file.ReloadOnChange);
}
