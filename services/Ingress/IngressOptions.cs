using System.ComponentModel.DataAnnotations;

using Microsoft.Extensions.Options;

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

    /// <summary>Largest body, in bytes, 1 KiB to 16 MiB. Default 1 MiB, Event Grid's own limit for an event and an array.</summary>
    [Range(1024, 16 * 1024 * 1024)]
    public int MaxBodyBytes { get; set; } = 1024 * 1024;

    /// <summary>Longest wait for the broker before the answer is 503, 1 s to 25 s. Default 20 s; Event Grid gives up after 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:00:25")]
    public TimeSpan PublishTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>What Event Grid is asked to wait after a 503, 1 s to 10 min. Default 30 s, its own minimum for that code.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Senders that may ask for consent in the CloudEvents handshake. Default <c>eventgrid.azure.net</c>; <c>*</c> allows any.</summary>
    public IList<string> AllowedOrigins { get; } = ["eventgrid.azure.net"];

    /// <summary>Names of event subscriptions that may shake hands, compared ignoring case. Default: any that has a valid key.</summary>
    public IList<string> AllowedSubscriptions { get; } = [];
}

[OptionsValidator]
internal sealed partial class IngressOptionsAnnotations : IValidateOptions<IngressOptions>;

/// <summary>Checks the limits and what no annotation can say: which keys are fit for which environment.</summary>
internal sealed class IngressOptionsValidator(IHostEnvironment environment) : IValidateOptions<IngressOptions>
{
    private const int ShortestKey = 16;
    private readonly IngressOptionsAnnotations _annotations = new();

    public ValidateOptionsResult Validate(string? name, IngressOptions options)
    {
        var failures = new List<string>(_annotations.Validate(name, options).Failures ?? []);
        if (options.Keys.Count > 2)
        {
            failures.Add("Ingress:Keys holds more than two keys; keep the one in use and the one it is being changed to.");
        }

        if (options.Keys.Any(key => key.Length < ShortestKey))
        {
            failures.Add($"Ingress:Keys holds a key shorter than {ShortestKey} characters; make one with: openssl rand -hex 32");
        }

        if (!environment.IsDevelopment())
        {
            if (options.Keys.Count == 0)
            {
                failures.Add("Ingress:Keys is empty; set Ingress__Keys__0 to the key that the event subscription's URL carries as ?code=.");
            }

            if (options.Keys.Contains(IngressOptions.LocalKey))
            {
                failures.Add($"Ingress:Keys holds '{IngressOptions.LocalKey}', which works in Development only; set a key of your own.");
            }
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
