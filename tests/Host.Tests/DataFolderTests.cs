using MLEvents.Tests.Common;

namespace MLEvents.Local.Host.Tests;

public sealed class DataFolderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Only_the_owner_can_access_a_new_data_folder()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no Unix file modes.");
        var path = Path.Combine(_folder.Path, "data");

        using var claim = DataFolder.Claim(path);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, ReadMode(path));
    }

    private static UnixFileMode ReadMode(string path) => OperatingSystem.IsWindows() ? UnixFileMode.None : File.GetUnixFileMode(path);
}
