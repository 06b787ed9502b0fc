using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.Errors;
using MLEvents.Local.Sidecar.Resiliency;
using MLEvents.Local.Sidecar.Runtime;

namespace MLEvents.Local.Sidecar.Bindings;

/// <summary>Invokes output bindings for the HTTP and the gRPC API: applies the binding's policies to each call and reports errors with daprd's texts.</summary>
internal static class BindingsAccess
{
    private static readonly string[] TraceHeaders = ["traceparent", "tracestate"];

    /// <summary>Runs an operation. Passes the metadata of the answer, or of a <see cref="BindingException"/>, to <paramref name="onMetadata"/>.</summary>
    /// <returns>The answer of the operation; null if it has none.</returns>
    /// <exception cref="DaprException">The binding or the operation does not exist, or the operation failed.</exception>
    public static async Task<BindingMessage?> InvokeAsync(
        AppRuntime runtime, string name, string operation, BindingMessage request, Action<IReadOnlyDictionary<string, string>> onMetadata, CancellationToken cancellationToken)
    {
        var binding = Find(runtime, name, operation);
        try
        {
            var response = await runtime.Policies.Outbound(name).RunAsync(token => binding.InvokeAsync(operation, request, token), cancellationToken);
            onMetadata(response?.Metadata ?? new Dictionary<string, string>());
            return response;
        }
        catch (BindingException exception)
        {
            onMetadata(exception.Metadata);
            throw DaprErrors.InvokeBinding(name, exception.Message).AsException(exception);
        }
        catch (Exception exception) when (exception is TimeoutException or BreakerOpenException)
        {
            throw DaprErrors.InvokeBinding(name, exception.Message).AsException(exception);
        }
    }

    /// <summary>The metadata of a call. As in daprd, the trace headers of the request are added unless the metadata contains them.</summary>
    /// <param name="given">The metadata in the request.</param>
    /// <param name="header">Returns a header of the request; null if it is absent.</param>
    public static Dictionary<string, string> AddTrace(IEnumerable<KeyValuePair<string, string>> given, Func<string, string?> header)
    {
        var metadata = new Dictionary<string, string>(given);
        foreach (var name in TraceHeaders)
        {
            if (!metadata.ContainsKey(name) && header(name) is { } value)
            {
                metadata[name] = value;
            }
        }

        return metadata;
    }

    private static IOutputBinding Find(AppRuntime runtime, string name, string operation)
    {
        if (operation is "")
        {
            throw Refused(name, "operation field is missing from request");
        }

        if (!runtime.Components.TryGet<IOutputBinding>(name, out var binding) || !binding.IsOutput)
        {
            throw Refused(name, $"couldn't find output binding {name}");
        }

        return binding.Operations.Contains(operation)
            ? binding
            : throw Refused(name, $"binding {name} does not support operation {operation}. supported operations:{string.Join(' ', binding.Operations)}");
    }

    private static DaprException Refused(string name, string cause) => (DaprErrors.InvokeBinding(name, cause) with { IsPermanent = true }).AsException();
}
