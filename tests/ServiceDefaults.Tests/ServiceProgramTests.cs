using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace MLEvents.ServiceDefaults.Tests;

/// <summary>The output and the exit code of a service that cannot start, and of a service that stops.</summary>
public sealed class ServiceProgramTests
{
    private const string Canary = "canary-4b1e77";
    private const string Secrets = $"Host=db;Password={Canary}; https://user:{Canary}@broker.example.org/hooks/{Canary}?sig={Canary}";

    [Fact]
    public async Task A_failure_to_create_the_service_is_printed_without_secrets()
    {
        using var error = new StringWriter();

        var exitCode = await ServiceProgram.RunAsync(() => throw new InvalidOperationException(Secrets, new ArgumentException(Secrets)), error);

        AssertPrinted(exitCode, error);
    }

    [Fact]
    public async Task A_failure_to_start_is_printed_without_secrets()
    {
        using var error = new StringWriter();

        var exitCode = await ServiceProgram.RunAsync(
            () =>
            {
                var builder = WebApplication.CreateBuilder();
                builder.WebHost.UseUrls("http://127.0.0.1:0");
                builder.Services.AddHostedService<FailingStart>();
                return builder.Build();
            },
            error);

        AssertPrinted(exitCode, error);
    }

    [Fact]
    public async Task A_service_that_stops_exits_with_0()
    {
        using var error = new StringWriter();

        var exitCode = await ServiceProgram.RunAsync(
            () =>
            {
                var builder = WebApplication.CreateBuilder();
                builder.WebHost.UseUrls("http://127.0.0.1:0");
                var app = builder.Build();
                app.Lifetime.ApplicationStarted.Register(app.Lifetime.StopApplication);
                return app;
            },
            error);

        Assert.Equal((0, ""), (exitCode, error.ToString()));
    }

    private static void AssertPrinted(int exitCode, StringWriter error)
    {
        Assert.Equal(1, exitCode);
        Assert.StartsWith("Unhandled exception. System.InvalidOperationException: Host=db;Password=***", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("https://***@broker.example.org/***", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, error.ToString(), StringComparison.Ordinal);
    }

    private sealed class FailingStart : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => throw new InvalidOperationException(Secrets);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
