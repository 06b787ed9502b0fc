namespace MLEvents.Manifests.Components;

/// <summary>Checks the component files for daprd, and compares them with the files for the embedded sidecar.</summary>
public sealed class ComponentTests
{
    private static readonly string[] Folders = ["redis", "azure"];
    private static readonly string[] LocalFolders = ["embedded", "redis"];

    public static TheoryData<string, string> Files => new(
        from folder in Folders
        from file in ComponentFile.In(folder)
        where file.Kind == "Component"
        select (folder, file.Component));

    [Theory]
    [MemberData(nameof(Files))]
    public void A_component_has_all_required_and_no_unknown_metadata(string folder, string component)
    {
        var file = ComponentFile.Find(folder, component);
        var names = file.Metadata.Select(item => item["name"].Text).ToList();

        Assert.True(AcceptedMetadata.IsKnown(file.Type), $"{file}: AcceptedMetadata has no entry for {file.Type}.");
        Assert.Equal("v1", file.Document["spec"]["version"].Text);
        Assert.Empty(names.Except(AcceptedMetadata.All(file.Type)));
        Assert.Empty(AcceptedMetadata.Required(file.Type).Except(names));
        Assert.Equal(names.Distinct(), names);
    }

    [Fact]
    public void The_archive_has_the_same_path_for_daprd_and_for_the_embedded_sidecar()
    {
        var paths = LocalFolders.Select(folder => Node.Read($"components/{folder}/bindings-archive.yaml")["spec"]["metadata"].Items.Single(item => item["name"].Text == "rootPath")["value"].Text);

        Assert.All(paths, path => Assert.Equal("archive", path));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_component_is_scoped_to_known_apps(string folder, string component)
    {
        var scopes = ComponentFile.Find(folder, component).Scopes;

        Assert.NotEmpty(scopes);
        Assert.Empty(scopes.Except(ComponentFile.Apps));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void No_file_contains_a_secret(string folder, string component)
    {
        var file = ComponentFile.Find(folder, component);
        var plain = file.Metadata.Where(item => item["value"].Exists).Select(item => item["name"].Text);

        Assert.DoesNotContain(plain, IsSecret);
        Assert.DoesNotContain(plain, name => file.Type == "bindings.http" && name == "url");
        Assert.Equal(file.Metadata.Any(item => item["secretKeyRef"].Exists), file.Document["auth"]["secretStore"].Exists);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Apps_of_a_component_with_a_secret_are_in_the_scopes_of_its_secret_store(string folder, string component)
    {
        var file = ComponentFile.Find(folder, component);

        if (file.Document["auth"].TextOr("secretStore") is { } store)
        {
            Assert.Empty(file.Scopes.Except(ComponentFile.Find(folder, store).Scopes));
        }
    }

    [Theory]
    [InlineData("redis")]
    [InlineData("azure")]
    public void Every_component_set_has_the_same_names_as_the_embedded_set_except_for_the_event_hub(string folder)
    {
        string[] additional = ["event-hub"];
        var embedded = ComponentFile.In("embedded").Select(file => file.Kind + " " + file.Document["metadata"]["name"].Text);

        var names = ComponentFile.In(folder).Select(file => file.Kind + " " + file.Document["metadata"]["name"].Text);

        Assert.Equal(embedded.Order(), names.Where(name => !additional.Any(only => name == "Component " + only)).Order());
    }

    [Theory]
    [InlineData("embedded")]
    [InlineData("redis")]
    [InlineData("azure")]
    public void All_services_but_the_dashboard_share_the_keys_of_forced_replays(string folder)
    {
        var file = ComponentFile.Find(folder, "replays");

        Assert.Equal("name", file.Value("keyPrefix"));
        Assert.Equal(ComponentFile.Apps.Except(["dashboard"]), file.Scopes);
    }

    [Theory]
    [InlineData("embedded")]
    [InlineData("redis")]
    [InlineData("azure")]
    public void The_services_that_act_share_the_keys_of_chains(string folder)
    {
        var file = ComponentFile.Find(folder, "chains");

        Assert.Equal("name", file.Value("keyPrefix"));
        Assert.Equal(ComponentFile.Apps.Except(["ingress", "dashboard"]), file.Scopes);
    }

    private static bool IsSecret(string name) =>
        name.Contains("password", StringComparison.OrdinalIgnoreCase) || name.Contains("secret", StringComparison.OrdinalIgnoreCase)
        || (name != "keyPrefix" && name.Contains("key", StringComparison.OrdinalIgnoreCase)) || name.Contains("connectionString", StringComparison.OrdinalIgnoreCase);
}
