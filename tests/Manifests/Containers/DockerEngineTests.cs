namespace MLEvents.Manifests.Containers;

/// <summary>Runs .ci/docker-engine with scripted <c>docker</c> and <c>dockerd</c> programs.</summary>
public sealed class DockerEngineTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public DockerEngineTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "The script is for Debian.");

    [Fact]
    public async Task No_engine_is_started_if_an_engine_already_answers()
    {
        _folder.AddProgram("docker", "exit 0");
        _folder.AddProgram("dockerd", "touch \"$(dirname \"$0\")/started\"");

        Assert.Equal((0, ""), await RunAsync("start"));
        Assert.False(File.Exists(Path.Combine(_folder.Path, "started")));
    }

    [Fact]
    public async Task An_engine_that_exits_is_reported_with_its_last_log_line()
    {
        _folder.AddProgram("docker", "exit 1");
        _folder.AddProgram("dockerd", "echo no overlay here");

        Assert.Equal((1, "no Docker engine: dockerd does not answer: no overlay here; tests/Containers is skipped"), await RunAsync("start"));
    }

    [Fact]
    public async Task The_engine_is_stopped_if_a_base_image_can_be_neither_pulled_nor_built()
    {
        // The engine answers while its process runs, and it has no images.
        _folder.AddProgram("docker", "case $1 in info) kill -0 \"$(cat \"$(dirname \"$0\")/engine/pid\")\" ;; import) cat >/dev/null; echo disk full >&2; exit 1 ;; *) exit 1 ;; esac");
        _folder.AddProgram("dockerd", "echo $$ > \"$(dirname \"$0\")/engine/pid\"; exec sleep 60");

        var (exitCode, output) = await RunAsync("start");

        Assert.Equal(1, exitCode);
        Assert.Matches("^no Docker engine: mcr.microsoft.com/dotnet/.* could not be pulled or built: disk full; tests/Containers is skipped$", output);
        var engine = await File.ReadAllTextAsync(Path.Combine(_folder.Path, "engine", "pid"), TestContext.Current.CancellationToken);
        Assert.False(Directory.Exists($"/proc/{engine.Trim()}"));
    }

    public void Dispose() => _folder.Dispose();

    private async Task<(int ExitCode, string Output)> RunAsync(string command)
    {
        var engine = Directory.CreateDirectory(Path.Combine(_folder.Path, "engine")).FullName;
        var result = await Tool.RunAsync("env", $"PATH={_folder.Path}:{Environment.GetEnvironmentVariable("PATH")}", Repository.PathOf(".ci", "docker-engine"), command, engine);
        return (result.ExitCode, result.Output.Trim());
    }
}
