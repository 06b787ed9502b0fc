namespace MLEvents.Manifests.Components;

/// <summary>A file of <c>components/</c>.</summary>
internal sealed record ComponentFile(string Folder, string Name, Node Document)
{
    public static readonly string[] Apps = ["ingress", "notifier", "retrainer", "deployer", "dashboard"];

    public string Kind => Document["kind"].Text;

    public string Component => Document["metadata"]["name"].Text;

    public string Type => Document["spec"]["type"].Text;

    public IReadOnlyList<Node> Metadata => Document["spec"]["metadata"].Items;

    public IReadOnlyList<string> Scopes => Document["scopes"].Texts;

    public static IReadOnlyList<ComponentFile> In(string folder) =>
    [
        .. Directory.EnumerateFiles(Repository.PathOf("components", folder), "*.yaml").Order(StringComparer.Ordinal)
            .Select(file => new ComponentFile(folder, Path.GetFileName(file), Node.Read("components", folder, Path.GetFileName(file)))),
    ];

    public static ComponentFile Find(string folder, string component) => Assert.Single(In(folder), file => file.Kind == "Component" && file.Component == component);

    public string Value(string item) => Assert.Single(Metadata, entry => entry["name"].Text == item)["value"].Text;

    public override string ToString() => $"{Folder}/{Name}";
}
