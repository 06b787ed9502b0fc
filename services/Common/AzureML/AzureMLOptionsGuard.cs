using Microsoft.Extensions.Options;

using MLEvents.AzureML.Connection;
using MLEvents.AzureML.Resilience;

namespace MLEvents.AzureML;

/// <summary>
/// Refuses settings that would send a token over an unencrypted connection, or the simulator's fixed token to Azure. Also refuses a missing or invalid list of
/// allowed resources, and limits that contradict each other.
/// </summary>
internal sealed class AzureMLOptionsGuard(IHostEnvironment environment) : IValidateOptions<AzureMLOptions>
{
    public ValidateOptionsResult Validate(string? name, AzureMLOptions options)
    {
        var errors = Addresses(options)
            .Concat(Credential(options))
            .Concat(Scope(options))
            .Concat(Limits(nameof(options.Arm), options.Arm))
            .Concat(Limits(nameof(options.DataFactory), options.DataFactory))
            .Concat(Limits(nameof(options.BatchEndpoints), options.BatchEndpoints))
            .ToList();
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private IEnumerable<string> Addresses(AzureMLOptions options)
    {
        if (!options.Endpoint.IsAbsoluteUri || options.Endpoint.Scheme is not ("http" or "https"))
        {
            yield return $"{Key(nameof(options.Endpoint))} must be an absolute https address; it is '{options.Endpoint}'.";
        }
        else if (options.Endpoint.Scheme == Uri.UriSchemeHttp && !options.Endpoint.IsLoopback)
        {
            yield return $"{Key(nameof(options.Endpoint))} must be https, because plain http to {options.Endpoint} would send tokens unencrypted.";
        }
        else if (options.Endpoint.Scheme == Uri.UriSchemeHttp && !environment.IsDevelopment())
        {
            yield return $"{Key(nameof(options.Endpoint))} may be plain http ({options.Endpoint}) in the environment Development only; this is {environment.EnvironmentName}.";
        }

        if (!options.DataFactoryBase.IsAbsoluteUri)
        {
            yield return $"{Key(nameof(options.DataFactoryBase))} must be an absolute address; it is '{options.DataFactoryBase}'.";
        }
    }

    private IEnumerable<string> Credential(AzureMLOptions options)
    {
        if (options.Credential != AzureCredential.Local)
        {
            yield break;
        }

        if (!environment.IsDevelopment())
        {
            yield return $"{Key(nameof(options.Credential))} may be Local in the environment Development only; this is {environment.EnvironmentName}.";
        }

        if (!options.Endpoint.IsAbsoluteUri || !options.Endpoint.IsLoopback)
        {
            yield return $"{Key(nameof(options.Credential))} may be Local only for an endpoint on this machine, not for {options.Endpoint}.";
        }
    }

    private IEnumerable<string> Scope(AzureMLOptions options)
    {
        if (!environment.IsDevelopment() && options.Workspaces.All(string.IsNullOrWhiteSpace))
        {
            yield return $"{Key(nameof(options.Workspaces))} must list the workspaces in which this service may act, as ARM ids; '*' stands for any characters of a segment.";
        }

        foreach (var (key, type, patterns) in new[]
        {
            (nameof(options.Workspaces), ArmIds.WorkspaceType, options.Workspaces),
            (nameof(options.Factories), ArmIds.DataFactoryType, options.Factories),
            (nameof(options.Registries), ArmIds.RegistryType, options.Registries),
        })
        {
            foreach (var pattern in patterns.Where(pattern => !string.IsNullOrWhiteSpace(pattern) && !ArmScope.IsPattern(pattern, type.ToString())))
            {
                yield return $"{Key(key)}: '{pattern}' is not an ARM id or pattern; expected /subscriptions/<id>/resourceGroups/<name>/providers/{type}/<name>.";
            }
        }
    }

    private static IEnumerable<string> Limits(string dependency, AzureResilienceOptions limits)
    {
        if (limits.AttemptTimeout > limits.TotalTimeout)
        {
            yield return $"{Key(dependency)}:{nameof(limits.AttemptTimeout)} must not exceed {nameof(limits.TotalTimeout)} ({limits.TotalTimeout}).";
        }

        if (limits.BaseDelay > limits.MaxDelay)
        {
            yield return $"{Key(dependency)}:{nameof(limits.BaseDelay)} must not exceed {nameof(limits.MaxDelay)} ({limits.MaxDelay}).";
        }
    }

    private static string Key(string name) => $"{AzureMLOptions.Section}:{name}";
}
