using System.ComponentModel.DataAnnotations;

using Microsoft.Extensions.Options;

using MLEvents.Ingress.Webhook;

namespace MLEvents.Ingress;

/// <summary>Settings of the ingress, from the <c>Ingress</c> section.</summary>
public sealed class IngressOptions
{
    /// <summary>The configuration section's name.</summary>
    public const string Section = "Ingress";

    /// <summary>The key that works on a developer's machine; refused outside Development.</summary>
    public const string LocalKey = "local-development-key";

    /// <summary>
    /// The webhook keys that are accepted: one, or two while one is rotated. At least 16 characters each.
    /// Required outside Development, where the default is <see cref="LocalKey"/>.
    /// </summary>
    public IList<string> Keys { get; } = [];

    /// <summary>Largest body, in bytes, 1 KiB to 16 MiB. Default 1.5 MiB: an event of Event Grid's maximum size with its envelope. What is larger is noted in the quarantine and answered with 413.</summary>
    [Range(1024, 16 * 1024 * 1024)]
    public int MaxBodyBytes { get; set; } = 3 * 512 * 1024;

    /// <summary>
    /// Largest message that the broker accepts, in bytes, 64 KiB to 32 MiB. Default 2 MiB; set 262144 for Service Bus Standard. Calls to the broker are split to fit.
    /// A larger event goes to the quarantine, and what is too large for the quarantine's topic goes to the state store directly.
    /// </summary>
    [Range(64 * 1024, 32 * 1024 * 1024)]
    public int MaxMessageBytes { get; set; } = 2 * 1024 * 1024;

    /// <summary>
    /// ARM ids of the workspaces whose events are accepted; <c>*</c> stands for any text within a name. Other events go to the quarantine, and other topics are not validated.
    /// Default: every workspace, and events that are not of a workspace.
    /// </summary>
    public IList<string> Workspaces { get; } = [];

    /// <summary>Longest wait for the broker before the answer is 503, 1 s to 25 s. Default 20 s; Event Grid gives up after 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:00:25")]
    public TimeSpan PublishTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>The wait that a 503 asks of Event Grid, 1 s to 10 min. Default 30 s, its own minimum for that code.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Origins that get consent in the CloudEvents handshake. Default <c>eventgrid.azure.net</c>; <c>*</c> allows any.</summary>
    public IList<string> AllowedOrigins { get; } = ["eventgrid.azure.net"];

    /// <summary>Names of the event subscriptions that are validated, compared ignoring case. Default: every one that has a valid key.</summary>
    public IList<string> AllowedSubscriptions { get; } = [];
}

[OptionsValidator]
internal sealed partial class IngressOptionsValidator : IValidateOptions<IngressOptions>;

/// <summary>Checks what no annotation can say: which keys are fit for which environment, and the workspaces.</summary>
internal sealed class IngressRulesValidator(IHostEnvironment environment, IConfiguration configuration) : IValidateOptions<IngressOptions>
{
    private const int ShortestKey = 16;

    public ValidateOptionsResult Validate(string? name, IngressOptions options)
    {
        string[] failures = [.. CheckKeys(options), .. CheckWorkspaces(options)];
        return failures.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private IEnumerable<string> CheckKeys(IngressOptions options)
    {
        if (options.Keys.Count > 2)
        {
            yield return "Ingress:Keys holds more than two keys; keep the current key and the one that replaces it.";
        }

        if (options.Keys.Any(key => key.Length < ShortestKey))
        {
            yield return $"Ingress:Keys holds a key shorter than {ShortestKey} characters; create one with: openssl rand -hex 32";
        }

        if (!environment.IsDevelopment() && options.Keys.Count == 0)
        {
            yield return "Ingress:Keys is empty; set Ingress__Keys__0 to the key that the event subscription's URL carries as ?code=.";
        }

        if (!environment.IsDevelopment() && configuration["Operations:Token"] is { Length: > 0 } token && options.Keys.Contains(token))
        {
            yield return "Ingress:Keys holds the value of Operations:Token, so whoever may send events may also replay and retry; set a token of its own: openssl rand -hex 32";
        }

        if (!environment.IsDevelopment() && options.Keys.Contains(IngressOptions.LocalKey))
        {
            yield return $"Ingress:Keys holds '{IngressOptions.LocalKey}', which works in Development only; set a key of your own.";
        }
    }

    private static IEnumerable<string> CheckWorkspaces(IngressOptions options) => options.Workspaces
        .Where(text => WorkspacePattern.Parse(text) is null)
        .Select(text => $"Ingress:Workspaces holds '{text}', which is not the ARM id of a workspace; an example is /subscriptions/ID/resourceGroups/ml-*/providers/Microsoft.MachineLearningServices/workspaces/*");
}
