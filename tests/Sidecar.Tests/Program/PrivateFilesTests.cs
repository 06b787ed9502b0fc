using MLEvents.Local.Sidecar.Tests.Infrastructure;

namespace MLEvents.Local.Sidecar.Tests.Program;

/// <summary>Only the owner may read queues, state and archives, because they contain payloads of events.</summary>
public sealed class PrivateFilesTests : IDisposable
{
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
    private readonly TempFolder _folder = new();

    private static string Resources => Yaml.Component("rps", "pubsub.embedded", "path: data/broker.db")
        + Yaml.Component("store", "state.sqlite", "connectionString: data/state.db") + Yaml.Component("archive", "bindings.localstorage", "rootPath: archive");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Only_the_owner_can_read_what_the_sidecar_stores()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        await using var sidecar = await TestSidecar.StartAsync(_folder, null, Resources);
        await sidecar.Dapr.PublishEventAsync("rps", "t", 1, TestContext.Current.CancellationToken);
        await sidecar.Dapr.SaveStateAsync("store", "k", 1, cancellationToken: TestContext.Current.CancellationToken);

        Assert.All(Directory.EnumerateFileSystemEntries(Path.Combine(_folder.Path, "data")), Private);
        Private(Path.Combine(_folder.Path, "data"));
        Private(Path.Combine(_folder.Path, "archive"));
    }

    [Fact]
    public async Task A_database_that_others_can_read_gets_the_mode_0600()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no file modes.");
            return;
        }

        await (await TestSidecar.StartAsync(_folder, null, Resources)).DisposeAsync();
        var file = Path.Combine(_folder.Path, "data", "broker.db");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);

        await using var sidecar = await TestSidecar.StartAsync(_folder, null, Resources);

        Private(file);
    }

    private static void Private(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(path) & Others);
        }
    }
}
