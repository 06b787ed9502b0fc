using System.Diagnostics;

namespace MLEvents.Manifests.Containers;

/// <summary>Runs deploy/containers/pin-images.sh against a registry on loopback.</summary>
public sealed class PinImagesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public PinImagesTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "The script is for bash.");

    [Fact]
    public async Task A_reference_gets_the_digest_of_its_manifest()
    {
        await using var registry = await ImageRegistry.StartAsync(Token);

        var result = await RunAsync("", [], $"{registry.Host}/mlevents/ingress:0.1.0");

        Assert.Equal((0, $"{registry.Host}/mlevents/ingress:0.1.0@{ImageRegistry.DigestOf("mlevents/ingress:0.1.0")}", ""), result);
    }

    [Fact]
    public async Task The_base_images_of_a_Dockerfile_get_digests_and_its_stages_do_not()
    {
        await using var registry = await ImageRegistry.StartAsync(Token);
        var file = $"ARG DOTNET=10.0\nFROM {registry.Host}/dotnet/sdk:${{DOTNET}} AS build\nFROM build AS tests\nFROM --platform=linux/amd64 {registry.Host}/dotnet/aspnet:${{DOTNET}}-noble\nUSER 1654:1654\n";

        var (exitCode, output, _) = await RunAsync(file, []);

        Assert.Equal(0, exitCode);
        Assert.Equal(
            $"ARG DOTNET=10.0\nFROM {registry.Host}/dotnet/sdk:10.0@{ImageRegistry.DigestOf("dotnet/sdk:10.0")} AS build\nFROM build AS tests\nFROM --platform=linux/amd64 {registry.Host}/dotnet/aspnet:10.0-noble@{ImageRegistry.DigestOf("dotnet/aspnet:10.0-noble")}\nUSER 1654:1654",
            output);
    }

    [Fact]
    public async Task Every_third_party_image_of_the_repository_gets_a_digest()
    {
        await using var registry = await ImageRegistry.StartAsync(Token);
        foreach (var file in (string[])["deploy/containers/Dockerfile", "deploy/local/Dockerfile", "docker-compose.yml"])
        {
            var (exitCode, output, error) = await RunAsync(OnLoopback(await File.ReadAllTextAsync(Repository.PathOf(file), Token), registry.Host), []);

            Assert.Equal((0, ""), (exitCode, error));
            var images = output.Split('\n').Where(line => line.Contains(registry.Host, StringComparison.Ordinal)).ToList();
            Assert.NotEmpty(images);
            Assert.All(images, line => Assert.Matches("@sha256:[0-9a-f]{64}( AS [a-z]+)?$", line));
            Assert.DoesNotContain("mlevents/ingress:0.1.0@", output, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("staging", "mleventsstaging.azurecr.io")]
    [InlineData("production", "mlevents.azurecr.io")]
    public async Task Every_image_of_a_cluster_gets_a_digest(string overlay, string server)
    {
        await using var registry = await ImageRegistry.StartAsync(Token);
        var built = await Tool.TryRunAsync("kubectl", "kustomize", "--load-restrictor", "LoadRestrictionsNone", $"deploy/aks/overlays/{overlay}");
        Assert.SkipWhen(built is null, "kubectl is not installed.");

        var (exitCode, output, error) = await RunAsync((built?.Output ?? "").Replace(server, registry.Host, StringComparison.Ordinal), []);

        Assert.Equal((0, ""), (exitCode, error));
        var images = Node.ReadAll(output, overlay).Where(node => node.TextOr("kind") == "Deployment").SelectMany(node => node["spec"]["template"]["spec"]["containers"].Items).Select(container => container["image"].Text).ToList();
        Assert.Equal(5, images.Count);
        Assert.All(images, image => Assert.EndsWith($"@{ImageRegistry.DigestOf(image.Split('@')[0][(registry.Host.Length + 1)..])}", image, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_sidecar_image_and_a_quoted_image_get_digests_and_a_pinned_image_stays_unchanged()
    {
        await using var registry = await ImageRegistry.StartAsync(Token);
        var pinned = $"  image: {registry.Host}/a/b:1@{ImageRegistry.DigestOf("other/image:1")}";

        var (_, output, _) = await RunAsync($"  dapr.io/sidecar-image: {registry.Host}/daprio/daprd:1.17.13\n  - image: \"{registry.Host}/a/b:1\"\n{pinned}\n", []);

        Assert.Equal($"  dapr.io/sidecar-image: {registry.Host}/daprio/daprd:1.17.13@{ImageRegistry.DigestOf("daprio/daprd:1.17.13")}\n  - image: \"{registry.Host}/a/b:1@{ImageRegistry.DigestOf("a/b:1")}\"\n{pinned}", output);
    }

    [Fact]
    public async Task Digests_are_printed_as_the_parameter_of_container_apps()
    {
        await using var registry = await ImageRegistry.StartAsync(Token);

        var (exitCode, output, _) = await RunAsync("", [], "--json", $"{registry.Host}/mlevents", "0.1.0", "ingress", "notifier");

        Assert.Equal((0, $$"""{"ingress": "{{ImageRegistry.DigestOf("mlevents/ingress:0.1.0")}}", "notifier": "{{ImageRegistry.DigestOf("mlevents/notifier:0.1.0")}}"}"""), (exitCode, output));
    }

    [Fact]
    public async Task Credentials_are_sent_only_to_their_registry()
    {
        await using var registry = await ImageRegistry.StartAsync(Token);
        registry.Credentials = """user:pass"word\1""";
        var reference = $"{registry.Host}/mlevents/ingress:0.1.0";

        var allowed = await RunAsync("", [("REGISTRY_HOST", registry.Host), ("REGISTRY_USER", "user"), ("REGISTRY_PASSWORD", """pass"word\1""")], reference);
        var another = await RunAsync("", [("REGISTRY_HOST", "other.example.org"), ("REGISTRY_USER", "user"), ("REGISTRY_PASSWORD", """pass"word\1""")], reference);

        Assert.Equal(0, allowed.ExitCode);
        Assert.Equal((1, "", $"pin-images.sh: the token service of {registry.Host} refused: not allowed"), another);
    }

    [Theory]
    [InlineData("/mlevents/ingress", "has no tag; write NAME:TAG")]
    [InlineData("/mlevents/ingress:missing", "answered 404")]
    public async Task Nothing_is_printed_if_one_digest_cannot_be_read(string image, string reason)
    {
        await using var registry = await ImageRegistry.StartAsync(Token);

        var (exitCode, output, error) = await RunAsync("", [], $"{registry.Host}/mlevents/notifier:0.1.0", registry.Host + image);

        Assert.Equal((1, ""), (exitCode, output));
        Assert.EndsWith(reason, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_registry_that_states_another_digest_than_that_of_the_manifest_is_refused()
    {
        await using var registry = await ImageRegistry.StartAsync(Token);
        registry.StatedDigest = ImageRegistry.DigestOf("other/image:1");

        var (exitCode, output, error) = await RunAsync("", [], $"{registry.Host}/mlevents/ingress:0.1.0");

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains($"states {registry.StatedDigest}", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_digest_of_an_image_is_read_once()
    {
        await using var registry = await ImageRegistry.StartAsync(Token);

        await RunAsync($"image: {registry.Host}/a/b:1\nimage: {registry.Host}/a/b:1\n", []);

        Assert.Equal(1, registry.Read);
    }

    // Replaces the registry of every third-party image with the host, and the image's name with a name of two segments.
    private static string OnLoopback(string file, string host) => string.Join('\n', file.Split('\n').Select(line =>
    {
        var key = line.StartsWith("FROM ", StringComparison.Ordinal) ? "FROM " : line.TrimStart().StartsWith("image: ", StringComparison.Ordinal) ? "image: " : null;
        if (key is null || line.Contains("mlevents/", StringComparison.Ordinal))
        {
            return line;
        }

        var begin = line.IndexOf(key, StringComparison.Ordinal) + key.Length;
        var image = line[begin..].Split(' ')[0];
        return image.Contains(':', StringComparison.Ordinal) ? $"{line[..begin]}{host}/x/{image.Split('/')[^1]}{line[(begin + image.Length)..]}" : line;
    }));

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(string input, IEnumerable<(string Name, string Value)> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("bash", ["deploy/containers/pin-images.sh", .. arguments]) { WorkingDirectory = Repository.Root };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var run = await ProgramRun.RunAsync(start, input, Token);
        return (run.ExitCode, run.Output.TrimEnd('\n'), run.Error.TrimEnd('\n'));
    }
}
