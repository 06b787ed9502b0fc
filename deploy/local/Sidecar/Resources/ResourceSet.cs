using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.Configuration;
using MLEvents.Local.Sidecar.Delivery;
using MLEvents.Local.Sidecar.Documents;

namespace MLEvents.Local.Sidecar.Resources;

/// <summary>The resources of an app, without those scoped to other apps.</summary>
internal sealed class ResourceSet
{
    private static readonly string[] Kinds = ["Component", "Subscription", "Resiliency"];

    private readonly List<ComponentDocument> _components = [];
    private readonly List<TopicSubscription> _subscriptions = [];
    private readonly List<YamlMap> _resiliency = [];

    /// <summary>Components, without the values of their secrets.</summary>
    public IReadOnlyList<ComponentDocument> Components => _components;

    /// <summary>Declarative subscriptions.</summary>
    public IReadOnlyList<TopicSubscription> Subscriptions => _subscriptions;

    /// <summary>Resiliency documents.</summary>
    public IReadOnlyList<YamlMap> Resiliency => _resiliency;

    /// <summary>Reads the sidecar's resource files.</summary>
    /// <exception cref="ResourceException">A file is wrong.</exception>
    public static ResourceSet Load(SidecarOptions options)
    {
        var set = new ResourceSet();
        foreach (var documents in ResourceFiles.Read(options.ResourcesPaths))
        {
            RefuseSharedResiliencyFile(documents);
            foreach (var document in documents)
            {
                set.Add(document, options.AppId);
            }
        }

        return set;
    }

    /// <summary>Refuses a Resiliency resource in a file with other documents. daprd ignores such a resource without a message.</summary>
    private static void RefuseSharedResiliencyFile(IReadOnlyList<YamlMap> documents)
    {
        if (documents.Count > 1 && documents.FirstOrDefault(document => document.Text("kind") == "Resiliency") is { } resiliency)
        {
            throw new ResourceException(
                resiliency.SourceOf("kind"), "a Resiliency resource must be the only document of its file, because daprd ignores it otherwise; move it to a file of its own");
        }
    }

    private void Add(YamlMap document, string appId)
    {
        document.Only("apiVersion", "kind", "metadata", "spec", "scopes", "auth");
        var kind = document.RequiredText("kind");
        var isMine = document.Texts("scopes") is var scopes && (scopes.Count == 0 || scopes.Contains(appId));
        switch (kind)
        {
            case "Component":
                AddIf(isMine, _components, ComponentDocument.Read(document));
                break;
            case "Subscription":
                AddIf(isMine, _subscriptions, SubscriptionDocument.Read(document));
                break;
            case "Resiliency":
                AddIf(isMine, _resiliency, document);
                break;
            default:
                throw new ResourceException(document.SourceOf("kind"), $"unknown kind '{kind}'; the embedded sidecar supports: {string.Join(", ", Kinds)}");
        }
    }

    private static void AddIf<T>(bool condition, List<T> list, T item)
    {
        if (condition)
        {
            list.Add(item);
        }
    }
}
