using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.Documents;

namespace MLEvents.Local.Sidecar.Resources;

/// <summary>A metadata item, without the value of its secret.</summary>
/// <param name="Name">Name of the setting.</param>
/// <param name="Value">Plain value; null if the value comes from a secret or a variable.</param>
/// <param name="Secret">Name and key in the secret store; null if the value is not a secret.</param>
/// <param name="EnvironmentVariable">Name of the environment variable; null if the value does not come from a variable.</param>
/// <param name="Source">Place of the item.</param>
internal sealed record MetadataItem(string Name, string? Value, (string Name, string Key)? Secret, string? EnvironmentVariable, SourceLocation Source);

/// <summary>A document of kind <c>Component</c>, without the values of its secrets.</summary>
/// <param name="Name"><c>metadata.name</c>.</param>
/// <param name="Type"><c>spec.type</c>.</param>
/// <param name="Version"><c>spec.version</c>; <c>v1</c> when absent.</param>
/// <param name="Items"><c>spec.metadata</c>.</param>
/// <param name="SecretStore"><c>auth.secretStore</c>; null when absent.</param>
/// <param name="IgnoreErrors"><c>spec.ignoreErrors</c>.</param>
/// <param name="HasInitTimeout">Whether the document has <c>spec.initTimeout</c>.</param>
/// <param name="Scopes"><c>scopes</c>.</param>
/// <param name="Source">Place of the document.</param>
internal sealed record ComponentDocument(
    string Name,
    string Type,
    string Version,
    IReadOnlyList<MetadataItem> Items,
    string? SecretStore,
    bool IgnoreErrors,
    bool HasInitTimeout,
    IReadOnlyList<string> Scopes,
    SourceLocation Source)
{
    public static ComponentDocument Read(YamlMap document)
    {
        var spec = document.RequiredMap("spec").Only("type", "version", "metadata", "ignoreErrors", "initTimeout");
        return new ComponentDocument(
            document.ResourceName(),
            spec.RequiredText("type"),
            spec.Text("version") ?? "v1",
            [.. spec.Maps("metadata").Select(Item)],
            document.Map("auth")?.Only("secretStore").Text("secretStore"),
            spec.Flag("ignoreErrors", otherwise: false),
            spec.Duration("initTimeout") is not null,
            document.Texts("scopes"),
            document.Source);
    }

    private static MetadataItem Item(YamlMap item)
    {
        item.Only("name", "value", "secretKeyRef", "envRef");
        var secret = item.Map("secretKeyRef")?.Only("name", "key");
        (string, string)? reference = secret is null ? null : (secret.RequiredText("name"), secret.Text("key") ?? secret.RequiredText("name"));
        return new MetadataItem(item.RequiredText("name"), item.Text("value"), reference, item.Text("envRef"), item.Source);
    }
}
