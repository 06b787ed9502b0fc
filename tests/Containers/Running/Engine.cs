using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace MLEvents.Containers.Running;

/// <summary>Calls the Docker engine of this machine through its command line.</summary>
internal static class Engine
{
    /// <summary>The collection of tests that start containers. They run one after another, because each needs the whole machine.</summary>
    public const string Alone = "engine";

    /// <summary>The base images of the Dockerfile.</summary>
    public static readonly IReadOnlyList<string> BaseImages = ["mcr.microsoft.com/dotnet/sdk:10.0-noble-aot", "mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled-extra"];

    /// <summary>The projects with an image: the values of <c>SERVICE</c> in the Dockerfile.</summary>
    public static readonly IReadOnlyList<string> Services = ["Ingress", "Notifier", "Retrainer", "Deployer", "Dashboard", "Sidecar", "Simulator"];

    private static readonly Lazy<Task<string?>> Missing = new(FindMissingAsync);

    private static readonly Lazy<Task> Images = new(BuildAsync);

    /// <summary>Builds the images. Skips the test if containers cannot run.</summary>
    public static async Task RequireAsync()
    {
        var missing = await Missing.Value;
        Assert.SkipWhen(missing is not null, missing ?? "");
        await Images.Value;
    }

    /// <summary>Runs <c>docker</c>.</summary>
    /// <returns>The standard output. Null if the command failed.</returns>
    public static async Task<string?> TryAsync(params IEnumerable<string> arguments)
    {
        // All tests share the images, so a cancelled test must not end their build.
        var run = await ProgramRun.RunAsync(new ProcessStartInfo("docker", arguments) { WorkingDirectory = Repository.Root }, CancellationToken.None);
        return run.ExitCode == 0 ? run.Output : null;
    }

    /// <summary>The image of a service, the sidecar or the simulator.</summary>
    public static string Image(string service) => $"mlevents-test/{service.ToLowerInvariant()}:0.1.0";

    /// <summary>The size of an image with all its layers, in bytes.</summary>
    public static async Task<long> SizeAsync(string image) =>
        long.Parse(await TryAsync("image", "inspect", "--format", "{{.Size}}", image) ?? "", CultureInfo.InvariantCulture);

    private static async Task<string?> FindMissingAsync()
    {
        try
        {
            if (await TryAsync("version") is null)
            {
                return "No Docker engine answered.";
            }
        }
        catch (Win32Exception)
        {
            return "Docker is not installed.";
        }

        foreach (var image in BaseImages)
        {
            if (await TryAsync("image", "inspect", image) is null && await TryAsync("pull", image) is null)
            {
                return $"The image {image} is not available and cannot be pulled.";
            }
        }

        return null;
    }

    private static async Task BuildAsync()
    {
        foreach (var service in Services)
        {
            // Compilation ahead of time would add several minutes to each run. Without it, the images contain the same source-generated code.
            Assert.True(
                await TryAsync("build", "--network", "host", "--file", "deploy/containers/Dockerfile", "--build-arg", "AHEAD_OF_TIME=false", "--build-arg", $"SERVICE={service}", "--tag", Image(service), ".") is not null,
                $"The image of {service} could not be built; docker build -f deploy/containers/Dockerfile --build-arg SERVICE={service} . prints the reason.");
        }
    }
}
