using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.Configuration;
using MLEvents.Local.Sidecar.Resources;

namespace MLEvents.Local.Sidecar.Loading;

/// <summary>Creates and initializes components: secret stores first, because the other components take their secrets from them.</summary>
internal sealed partial class ComponentLoader(SidecarOptions options, ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger<ComponentLoader>();

    /// <summary>Fills the registry.</summary>
    /// <exception cref="ResourceException">A component cannot be created or initialized.</exception>
    public async Task LoadAsync(ResourceSet resources, ComponentRegistry registry, CancellationToken cancellationToken)
    {
        var order = resources.Components.OrderBy(document => document.Type.StartsWith("secretstores.", StringComparison.OrdinalIgnoreCase) ? 0 : 1);
        foreach (var document in order)
        {
            try
            {
                await LoadAsync(document, registry, cancellationToken);
            }
            catch (ResourceException exception) when (document.IgnoreErrors)
            {
                LogIgnored(exception, document.Name);
            }
        }
    }

    private static async Task<string> SecretAsync(MetadataItem item, (string Name, string Key) secret, string? store, ComponentRegistry registry, CancellationToken cancellationToken)
    {
        if (store is null)
        {
            throw new ResourceException(item.Source, $"'{item.Name}' is a secret, but the component names no secret store; add auth.secretStore");
        }

        if (!registry.TryGet<ISecretStore>(store, out var secrets))
        {
            throw new ResourceException(item.Source, $"'{item.Name}' is a secret, but the secret store '{store}' of auth.secretStore is not loaded");
        }

        var values = await secrets.GetAsync(secret.Name, new Dictionary<string, string>(), cancellationToken);
        return values is not null && values.TryGetValue(secret.Key, out var value)
            ? value
            : throw new ResourceException(item.Source, $"the secret store '{store}' has no secret '{secret.Name}' with the key '{secret.Key}'");
    }

    private async Task LoadAsync(ComponentDocument document, ComponentRegistry registry, CancellationToken cancellationToken)
    {
        if (document.HasInitTimeout)
        {
            LogInitTimeout(document.Source, document.Name);
        }

        var spec = await ResolveAsync(document, registry, cancellationToken);
        var component = Create(document, spec);
        try
        {
            await component.InitializeAsync(cancellationToken);
            spec.RejectUnreadSettings();
            registry.Add(spec, component);
        }
        catch (Exception exception)
        {
            await component.DisposeAsync();
            if (exception is OperationCanceledException or ResourceException)
            {
                throw;
            }

            throw CannotStart(document, exception);
        }

        LogLoaded(document.Name, document.Type);
    }

    // The constructor of a component creates the folders for the paths in its metadata. This can fail.
    private IComponent Create(ComponentDocument document, ComponentSpec spec)
    {
        try
        {
            return ComponentTypes.Create(new ComponentContext(spec, options, loggers));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CannotStart(document, exception);
        }
    }

    private static ResourceException CannotStart(ComponentDocument document, Exception exception) =>
        new($"{document.Source}: component '{document.Name}' ({document.Type}) cannot start: {exception.Message}", exception);

    private static async Task<ComponentSpec> ResolveAsync(ComponentDocument document, ComponentRegistry registry, CancellationToken cancellationToken)
    {
        var metadata = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var item in document.Items)
        {
            var value = item.Secret is { } secret
                ? await SecretAsync(item, secret, document.SecretStore, registry, cancellationToken)
                : item.Value ?? Environment.GetEnvironmentVariable(item.EnvironmentVariable ?? "") ?? "";
            if (!metadata.TryAdd(item.Name, value))
            {
                throw new ResourceException(item.Source, $"duplicate metadata item '{item.Name}'; remove one of them");
            }
        }

        return new ComponentSpec(document.Name, document.Type, document.Version, metadata, document.Scopes, document.Source)
        {
            SecretNames = document.Items.Where(item => item.Secret is not null).Select(item => item.Name).ToHashSet(StringComparer.OrdinalIgnoreCase),
        };
    }

    [LoggerMessage(1, LogLevel.Information, "Component {Name} ({Type}) loaded")]
    private partial void LogLoaded(string name, string type);

    [LoggerMessage(2, LogLevel.Error, "Component {Name} is left out: it could not be loaded, and its document sets ignoreErrors")]
    private partial void LogIgnored(Exception error, string name);

    [LoggerMessage(3, LogLevel.Warning, "{Place}: 'initTimeout' of component {Name} has no effect: components open local files, or have their own timeout (dialTimeout)")]
    private partial void LogInitTimeout(SourceLocation place, string name);
}
