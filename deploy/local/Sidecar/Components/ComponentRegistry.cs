using System.Diagnostics.CodeAnalysis;

namespace MLEvents.Local.Sidecar.Components;

/// <summary>The loaded components of one app, by name.</summary>
public sealed class ComponentRegistry : IAsyncDisposable
{
    private readonly Dictionary<string, LoadedComponent> _byName = new(StringComparer.Ordinal);

    /// <summary>All components in the order they were loaded.</summary>
    public IReadOnlyCollection<LoadedComponent> All => _byName.Values;

    /// <summary>The components of one building block.</summary>
    public IEnumerable<(string Name, T Component)> OfType<T>()
        where T : IComponent =>
        from loaded in _byName.Values
        where loaded.Component is T
        select (loaded.Spec.Name, (T)loaded.Component);

    /// <summary>A component by name and building block.</summary>
    public bool TryGet<T>(string name, [NotNullWhen(true)] out T? component)
        where T : class, IComponent
    {
        component = _byName.TryGetValue(name, out var loaded) ? loaded.Component as T : null;
        return component is not null;
    }

    /// <summary>Closes all components. A component that cannot be closed does not prevent the others from closing.</summary>
    /// <exception cref="AggregateException">One or more components could not be closed.</exception>
    public async ValueTask DisposeAsync()
    {
        var failures = new List<Exception>();
        foreach (var loaded in _byName.Values)
        {
            try
            {
                await loaded.Component.DisposeAsync();
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                failures.Add(new InvalidOperationException($"component '{loaded.Spec.Name}' ({loaded.Spec.Type}) cannot be closed: {exception.Message}", exception));
            }
        }

        if (failures.Count > 0)
        {
            throw new AggregateException(failures);
        }
    }

    internal void Add(ComponentSpec spec, IComponent component)
    {
        if (!_byName.TryAdd(spec.Name, new LoadedComponent(spec, component)))
        {
            throw new ResourceException(
                spec.Source, $"component '{spec.Name}' is already defined in {_byName[spec.Name].Spec.Source}; rename or remove one of them");
        }
    }
}

/// <summary>A component and its document.</summary>
/// <param name="Spec">The document.</param>
/// <param name="Component">The component, initialized.</param>
public sealed record LoadedComponent(ComponentSpec Spec, IComponent Component);
