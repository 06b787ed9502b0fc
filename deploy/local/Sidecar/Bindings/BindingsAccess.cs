using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.Errors;
using MLEvents.Local.Sidecar.Resiliency;
using MLEvents.Local.Sidecar.Runtime;

namespace MLEvents.Local.Sidecar.Bindings;

/// <summary>Output bindings as both APIs see them: the binding's policies around each call, refusals in daprd's words.</summary>
internal static class BindingsAccess
{
    /// <summary>Runs an operation. A failure that carries metadata hands it to <paramref name="onMetadata"/>, as a success does.</summary>
    /// <returns>What the operation answered; null when it answers nothing.</returns>
    /// <exception cref="DaprException">There is no such binding or operation, or it failed.</exception>
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
