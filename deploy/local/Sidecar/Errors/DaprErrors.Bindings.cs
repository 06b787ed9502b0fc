namespace MLEvents.Local.Sidecar.Errors;

/// <content>Rows of the bindings API.</content>
public static partial class DaprErrors
{
    /// <summary>An invocation failed, for whatever reason: daprd has one code for all.</summary>
    public static DaprError InvokeBinding(string binding, string cause) =>
        Failed("ERR_INVOKE_OUTPUT_BINDING", $"error invoking output binding {binding}: {cause}");
}
