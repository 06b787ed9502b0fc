using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.Documents;

namespace MLEvents.Local.Sidecar.Resources;

/// <summary>
/// The file of <c>--config</c>. It may contain settings of daprd for tracing, metrics and logging. The embedded sidecar ignores them: it forwards the W3C trace
/// headers, exports no traces, and always has metrics. <see cref="Secrets.SecretScopes"/> reads the secret scopes. Other settings are refused, because they change
/// the behaviour of daprd and would have no effect here.
/// </summary>
internal static class ConfigurationFile
{
    /// <summary>Checks the file, if there is one.</summary>
    /// <exception cref="ResourceException">The file does not exist, is not a Configuration, or has an unsupported key.</exception>
    public static void Check(string? file)
    {
        if (file is null)
        {
            return;
        }

        if (!File.Exists(file))
        {
            throw new ResourceException($"the configuration file '{file}' does not exist; correct --config");
        }

        foreach (var document in ResourceFiles.Documents(file))
        {
            Check(document);
        }
    }

    private static void Check(YamlMap document)
    {
        document.Only("apiVersion", "kind", "metadata", "spec");
        if (document.RequiredText("kind") is var kind && kind != "Configuration")
        {
            throw new ResourceException(document.SourceOf("kind"), $"the file of --config must have kind Configuration, not '{kind}'; put other resources under --resources-path");
        }

        document.Map("spec")?.Only("tracing", "metric", "metrics", "logging", "secrets");
    }
}
