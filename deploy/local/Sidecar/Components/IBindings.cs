using MLEvents.Local.Sidecar.Bindings;

namespace MLEvents.Local.Sidecar.Components;

/// <summary>Data and metadata that go into or come out of a binding.</summary>
/// <param name="Data">Bytes as they are; empty for none.</param>
/// <param name="Metadata">By name.</param>
public sealed record BindingMessage(ReadOnlyMemory<byte> Data, IReadOnlyDictionary<string, string> Metadata);

/// <summary>A binding the app invokes.</summary>
public interface IOutputBinding : IComponent
{
    /// <summary>Whether the app may invoke it (daprd: the <c>direction</c> metadata item).</summary>
    bool IsOutput { get; }

    /// <summary>The operations it has, in the order daprd lists them.</summary>
    IReadOnlyList<string> Operations { get; }

    /// <summary>Runs one of the <see cref="Operations"/>; null when the operation has nothing to answer.</summary>
    /// <exception cref="BindingException">The operation failed.</exception>
    Task<BindingMessage?> InvokeAsync(string operation, BindingMessage request, CancellationToken cancellationToken);
}

/// <summary>A binding that calls the app.</summary>
public interface IInputBinding : IComponent
{
    /// <summary>Whether the component wants to call the app at all (daprd: the <c>direction</c> metadata item).</summary>
    bool IsInput { get; }

    /// <summary>Whether it calls the app without asking first: daprd asks with OPTIONS unless the document says <c>direction: input</c>.</summary>
    bool IsDemanded { get; }

    /// <summary>Path of the app, starting with a slash, that gets the calls.</summary>
    string Route { get; }

    /// <summary>Calls <paramref name="onMessage"/> for each message until the token is cancelled. The callback throws when the app refused the message.</summary>
    Task RunAsync(Func<BindingMessage, CancellationToken, Task> onMessage, CancellationToken cancellationToken);
}
