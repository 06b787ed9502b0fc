using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.Documents;

namespace MLEvents.Local.Sidecar.Resources;

/// <summary>A metadata item before its secret is filled in.</summary>
/// <param name="Name">Name of the setting.</param>
/// <param name="Value">Plain value; null when it comes from elsewhere.</param>
/// <param name="Secret">Name and key in the secret store; null when it is no secret.</param>
/// <param name="EnvironmentVariable">Null when it comes from no variable.</param>
/// <param name="Source">Where it stands.</param>
internal sealed record MetadataItem(string Name, string? Value, (string Name, string Key)? Secret, string? EnvironmentVariable, SourceLocation Source);

/// <summary>A document of kind <c>Component</c> as written.</summary>
/// <param name="Name">metadata.name.</param>
/// <param name="Type">spec.type.</param>
/// <param name="Version">spec.version.</param>
/// <param name="Items">spec.metadata.</param>
/// <param name="SecretStore">auth.secretStore; null when absent.</param>
/// <param name="IgnoreErrors">spec.ignoreErrors.</param>
/// <param name="HasInitTimeout">Whether spec.initTimeout is there.</param>
/// <param name="Scopes">scopes.</param>
/// <param name="Source">Where it starts.</param>
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
