using System.ComponentModel.DataAnnotations;

using Microsoft.Extensions.Options;

using MLEvents.Events;

namespace MLEvents.Local.Simulator.Configuration;

/// <summary>Settings of the simulator, section <c>Simulator</c>. All settings are optional.</summary>
public sealed class SimulatorOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Simulator";

    /// <summary>Id of the only subscription. Default 00000000-0000-0000-0000-000000000001.</summary>
    [Required]
    public string SubscriptionId { get; set; } = "00000000-0000-0000-0000-000000000001";

    /// <summary>Name of the only resource group. Default <c>ml-local</c>.</summary>
    [Required]
    public string ResourceGroup { get; set; } = "ml-local";

    /// <summary>
    /// Name of the Azure ML workspace whose events are raised, and in which <c>/simulate</c> creates jobs and model versions. Default <c>ml-local</c>.
    /// </summary>
    [Required]
    public string Workspace { get; set; } = "ml-local";

    /// <summary>Names of further workspaces, separated by commas. They have jobs, models, endpoints and deployments of their own, and raise no events. Default none.</summary>
    public string FurtherWorkspaces { get; set; } = "";

    /// <summary>Region of all resources. Default <c>westeurope</c>.</summary>
    [Required]
    public string Region { get; set; } = "westeurope";

    /// <summary>Name of the only data factory. Default <c>adf-local</c>.</summary>
    [Required]
    public string Factory { get; set; } = "adf-local";

    /// <summary>Names of the pipelines that exist at start, separated by commas. Default <c>retrain,churn-retrain</c>.</summary>
    public string FactoryPipelines { get; set; } = "retrain,churn-retrain";

    /// <summary>Names of the batch endpoints that exist at start, separated by commas. The default deployment of each is a pipeline component. Default <c>churn-training</c>.</summary>
    public string BatchEndpoints { get; set; } = "churn-training";

    /// <summary>
    /// Whether jobs of batch endpoints get the name, the tags and the properties of their invocation. Azure does not document whether they do. Default false.
    /// </summary>
    public bool BatchJobsKeepNames { get; set; }

    /// <summary>TCP port of the SMTP inbox on loopback, 0 to 65535; 0 selects a free port, which <c>GET /state</c> shows. Default 5125.</summary>
    [Range(0, 65_535)]
    public int SmtpPort { get; set; } = 5125;

    /// <summary>Largest mail accepted, in bytes, 1 KiB to 64 MiB. Default 10 MiB.</summary>
    [Range(1_024, 67_108_864)]
    public int SmtpMaxMessageBytes { get; set; } = 10_485_760;

    /// <summary>Time without input after which the SMTP server closes a connection, 100 ms to 10 min. Default 1 min.</summary>
    [TimeRange("00:00:00.100", "00:10:00")]
    public TimeSpan SmtpIdleTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Resources on one page of a list, 1 to 1000. Default 30.</summary>
    [Range(1, 1_000)]
    public int PageSize { get; set; } = 30;

    /// <summary>Deployments that an endpoint can have, 1 to 1000. Default 20, the limit of Azure ML.</summary>
    [Range(1, 1_000)]
    public int DeploymentsPerEndpoint { get; set; } = 20;

    /// <summary>Instances that all managed deployments of one instance type can have together, 1 to 10000. Default 1000.</summary>
    [Range(1, 10_000)]
    public int InstanceQuota { get; set; } = 1_000;

    /// <summary>
    /// Factor for Event Grid's documented waits (retry schedule, time to live, pause between handshake attempts), 0.0001 to 1.
    /// Default 0.05: the first retry follows after 0.5 s instead of 10 s.
    /// </summary>
    [Range(0.0001, 1.0)]
    public double RetryTimeScale { get; set; } = 0.05;

    /// <summary>Longest wait for a webhook's answer, 50 ms to 30 s. Default 30 s, as documented.</summary>
    [TimeRange("00:00:00.050", "00:00:30")]
    public TimeSpan WebhookTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Time that a subscription with batching waits for more events, 0 to 10 s. Default 50 ms.</summary>
    [TimeRange("00:00:00", "00:00:10")]
    public TimeSpan BatchWindow { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Tag or property that the timeline shows as the correlation of an entry. Default <c>mlevents.correlation</c>.</summary>
    [Required]
    public string CorrelationTag { get; set; } = "mlevents.correlation";

    /// <summary>The mail header whose value the timeline shows as a mail's correlation. Default <c>X-MLEvents-Correlation</c>.</summary>
    public string CorrelationHeader { get; set; } = "X-MLEvents-Correlation";

    /// <summary>Tag of jobs and deployments that names the action that created them, for <c>GET /counts</c>. Default <c>mlevents.action</c>.</summary>
    [Required]
    public string ActionTag { get; set; } = "mlevents.action";

    /// <summary>Parameter of factory runs that names the action that started them, for <c>GET /counts</c>. Default <c>mlevents_action</c>.</summary>
    [Required]
    public string ActionParameter { get; set; } = "mlevents_action";

    /// <summary>Header of mails that names the action that sent them, for <c>GET /counts</c>. Default <c>X-MLEvents-Action</c>.</summary>
    [Required]
    public string ActionHeader { get; set; } = "X-MLEvents-Action";

    /// <summary>
    /// File that stores the state, so that a restarted simulator continues from it. A relative path starts at the working directory.
    /// The folder must exist. Default none: the state is in memory and is lost when the process ends.
    /// </summary>
    public string? DataFile { get; set; }

    /// <summary>Durations of simulated work.</summary>
    [ValidateObjectMembers]
    public ClockOptions Clock { get; set; } = new();
}

[OptionsValidator]
internal sealed partial class SimulatorOptionsValidator : IValidateOptions<SimulatorOptions>;
