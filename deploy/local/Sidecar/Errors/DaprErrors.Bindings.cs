namespace MLEvents.Local.Sidecar.Errors;

/// <content>Errors of the bindings API.</content>
public static partial class DaprErrors
{
    /// <summary>An invocation failed. daprd has one code for all reasons.</summary>
    public static DaprError InvokeBinding(string binding, string cause) =>
        Failed("ERR_INVOKE_OUTPUT_BINDING", $"error invoking output binding {binding}: {cause}");
}
