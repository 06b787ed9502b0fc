namespace MLEvents.Manifests.Kubernetes;

/// <summary>Runs <c>deploy/aks/rules.sh</c>, which writes a Kustomize component that mounts a rules folder.</summary>
public sealed class RulesScriptTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_component_in_the_repository_is_the_output_of_the_script_for_the_sample_rules()
    {
        var output = Path.Combine(_folder.Path, "rules");

        await WriteAsync(0, Repository.PathOf("rules"), output);

        Assert.Equal(WithoutSources(Repository.PathOf("deploy", "aks", "rules", "kustomization.yaml")), WithoutSources(Path.Combine(output, "kustomization.yaml")));
    }

    [Fact]
    public async Task Files_of_subfolders_are_mounted_at_their_path()
    {
        _folder.Write("own/alerts.yaml", "alerts: []\n");
        _folder.Write("own/templates/de/mail.liquid", "x\n");
        var output = Path.Combine(_folder.Path, "component");

        await WriteAsync(0, Path.Combine(_folder.Path, "own"), output);

        var written = await File.ReadAllTextAsync(Path.Combine(output, "kustomization.yaml"), TestContext.Current.CancellationToken);
        Assert.Contains("      - templates__de__mail.liquid=../own/templates/de/mail.liquid\n", written, StringComparison.Ordinal);
        Assert.Contains("- { key: templates__de__mail.liquid, path: templates/de/mail.liquid }\n", written, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("own/alerts neu.yaml", "does not allow")]
    [InlineData("own/schema/alerts.json", "contains no file")]
    public async Task A_folder_that_cannot_be_mounted_is_refused_with_the_reason(string file, string reason)
    {
        _folder.Write(file, "{}\n");

        var error = await WriteAsync(1, Path.Combine(_folder.Path, "own"), Path.Combine(_folder.Path, "component"));

        Assert.Contains(reason, error, StringComparison.Ordinal);
    }

    private static async Task<string> WriteAsync(int expected, string folder, string output)
    {
        var run = await Tool.RunAsync("bash", Repository.PathOf("deploy", "aks", "rules.sh"), folder, output);
        Assert.True(run.ExitCode == expected, run.Error);
        return run.Error;
    }

    // The sources are relative to the folder of the component, and the two components are in different folders.
    private static IEnumerable<string> WithoutSources(string file) => File.ReadLines(file).Select(line => line.Split('=')[0]);
}
