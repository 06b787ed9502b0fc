using System.Diagnostics.Metrics;

using Azure.Core;

using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

using MLEvents.AzureML.BatchEndpoints;
using MLEvents.AzureML.DataFactory;
using MLEvents.AzureML.Endpoints;
using MLEvents.AzureML.Jobs;
using MLEvents.AzureML.Models;
using MLEvents.AzureML.Monitoring;
using MLEvents.AzureML.Quotas;
using MLEvents.AzureML.Scaling;
using MLEvents.AzureML.Scoring;
using MLEvents.AzureML.Tracking;

namespace MLEvents.AzureML.Tests;

/// <summary>A host with <c>AddAzureML</c>, as services use it.</summary>
internal sealed class AzureClient : IDisposable
{
    private readonly FakeLoggerProvider _logs = new();
    private readonly IHost _host;

    public AzureClient(IEnumerable<KeyValuePair<string, string?>> settings, TimeProvider? time = null, string environment = "Development")
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { EnvironmentName = environment });
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Logging.AddProvider(_logs);
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Services.AddAzureML();
        _host = builder.Build();
    }

    public static ResourceIdentifier Workspace { get; } = new("/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/test-rg/providers/Microsoft.MachineLearningServices/workspaces/ws");

    public static ResourceIdentifier Factory { get; } = new("/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/test-rg/providers/Microsoft.DataFactory/factories/adf");

    public static ResourceIdentifier Pipeline { get; } = new($"{Factory}/pipelines/retrain");

    public IJobs Jobs => _host.Services.GetRequiredService<IJobs>();

    public IModelVersions Models => _host.Services.GetRequiredService<IModelVersions>();

    public IOnlineEndpoints Endpoints => _host.Services.GetRequiredService<IOnlineEndpoints>();

    public IOnlineDeployments Deployments => _host.Services.GetRequiredService<IOnlineDeployments>();

    public IScoring Scoring => _host.Services.GetRequiredService<IScoring>();

    public IEndpointMetrics Metrics => _host.Services.GetRequiredService<IEndpointMetrics>();

    public IMachineQuotas Quotas => _host.Services.GetRequiredService<IMachineQuotas>();

    public IAutoscaleSettings Autoscale => _host.Services.GetRequiredService<IAutoscaleSettings>();

    public IRunMetrics RunMetrics => _host.Services.GetRequiredService<IRunMetrics>();

    public IBatchEndpoints BatchEndpoints => _host.Services.GetRequiredService<IBatchEndpoints>();

    public IDataFactoryPipelines Pipelines => _host.Services.GetRequiredService<IDataFactoryPipelines>();

    public IMeterFactory Meters => _host.Services.GetRequiredService<IMeterFactory>();

    public HealthCheckService Health => _host.Services.GetRequiredService<HealthCheckService>();

    public IReadOnlyList<FakeLogRecord> Logs => _logs.Collector.GetSnapshot();

    /// <summary>Creates a client of a fake, with very short waits.</summary>
    public static AzureClient For(FakeArm arm, TimeProvider? time = null, params (string Key, string Value)[] settings) => new(Settings(arm.Address, settings), time);

    public static Dictionary<string, string?> Settings(Uri endpoint, params (string Key, string Value)[] settings)
    {
        var all = new Dictionary<string, string?>
        {
            ["AzureML:Endpoint"] = endpoint.ToString(),
            ["AzureML:Credential"] = "Local",
            ["AzureML:Arm:BaseDelay"] = "00:00:00.001",
            ["AzureML:DataFactory:BaseDelay"] = "00:00:00.001",
            ["AzureML:BatchEndpoints:BaseDelay"] = "00:00:00.001",
        };
        foreach (var (key, value) in settings)
        {
            all[$"AzureML:{key}"] = value;
        }

        return all;
    }

    public Task StartAsync() => _host.StartAsync(TestContext.Current.CancellationToken);

    public void Dispose()
    {
        _host.Dispose();
        _logs.Dispose();
    }
}
