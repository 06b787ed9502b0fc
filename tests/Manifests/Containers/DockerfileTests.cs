using System.Xml.Linq;

namespace MLEvents.Manifests.Containers;

public sealed class DockerfileTests
{
    private static readonly string[] Lines = File.ReadAllLines(Repository.PathOf("deploy", "containers", "Dockerfile"));
    private static readonly Node Compose = Node.Read("docker-compose.yml");

    [Fact]
    public void The_final_image_has_no_shell_and_a_non_root_user()
    {
        var last = Array.FindLastIndex(Lines, line => line.StartsWith("FROM ", StringComparison.Ordinal));

        Assert.EndsWith("-chiseled-extra", Lines[last], StringComparison.Ordinal);
        Assert.Contains("USER 1654:1654", Lines[last..]);
        Assert.DoesNotContain(Lines[last..], line => line.StartsWith("RUN ", StringComparison.Ordinal));
    }

    [Fact]
    public void Base_images_share_one_version() =>
        Assert.All(
            Lines.Where(line => line.StartsWith("FROM ", StringComparison.Ordinal)),
            line => Assert.Matches(@"^FROM mcr\.microsoft\.com/dotnet/(sdk|aspnet):\$\{DOTNET\}", line));

    [Fact]
    public void Packages_are_restored_before_the_code_is_copied() =>
        Assert.True(Array.FindIndex(Lines, line => line.Contains("dotnet restore", StringComparison.Ordinal)) < Array.IndexOf(Lines, "COPY . ."));

    [Fact]
    public void Packages_are_restored_as_the_lock_files_list_them()
    {
        var restored = Lines.Where(line => line.Contains("dotnet restore", StringComparison.Ordinal)).ToList();

        Assert.EndsWith("--locked-mode", restored[0], StringComparison.Ordinal);
        Assert.All(restored[1..], line => Assert.Contains("-p:AheadOfTime=", line, StringComparison.Ordinal));
        Assert.Contains(Lines, line => line.Contains("-name 'Directory.*'", StringComparison.Ordinal) && line.Contains("-name packages.lock.json", StringComparison.Ordinal));
    }

    [Fact]
    public void The_sources_of_the_images_are_in_the_build_context()
    {
        var kept = File.ReadAllLines(Repository.PathOf(".dockerignore")).Where(line => line.StartsWith('!')).Select(line => line[1..]).ToList();
        string[] needed =
        [
            .. Projects("deploy/local/Host/Host.csproj"), .. Projects("deploy/containers/Probe/Probe.csproj"), "rules", "components/embedded", "deploy/containers/Images.slnf", "Microservices.sln", "Directory.Build.props",
            "Directory.Native.props",
        ];

        Assert.All(needed, path => Assert.Contains(kept, pattern => path == pattern || path.StartsWith(pattern + "/", StringComparison.Ordinal) || (pattern.EndsWith('*') && path.StartsWith(pattern[..^1], StringComparison.Ordinal))));
    }

    [Fact]
    public void Every_service_that_compose_builds_is_published()
    {
        var published = File.ReadAllText(Repository.PathOf("deploy", "containers", "Images.slnf"));
        var built = Compose["services"].Map.Values.Where(container => container["build"].Exists).Select(container => container["build"]["args"]["SERVICE"].Text).ToList();

        Assert.Equal(6, built.Count);
        Assert.All(built, project => Assert.Contains($"/{project}.csproj\"", published, StringComparison.Ordinal));
    }

    // The project and the projects that it references, directly or through another project.
    private static IEnumerable<string> Projects(string project)
    {
        var folder = Path.GetDirectoryName(project) ?? "";
        var references = XDocument.Load(Repository.PathOf(project)).Descendants("ProjectReference").Select(reference => $"{reference.Attribute("Include")?.Value}");
        return references.SelectMany(reference => Projects(Path.GetRelativePath(Repository.Root, Repository.PathOf(folder, reference)))).Append(project).Distinct();
    }
}
