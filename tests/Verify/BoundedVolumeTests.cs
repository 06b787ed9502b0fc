using MLEvents.Tests.Common;

namespace MLEvents.Local.Verify.Tests;

public sealed class BoundedVolumeTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string Data => Path.Combine(_folder.Path, "data");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_full_volume_refuses_writes_until_space_is_free_and_leaves_no_file_in_its_folder()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Not run: the volume is a tmpfs, and only root on Linux may mount it.");
        using var disk = BoundedVolume.TryMount(Data);
        Assert.SkipWhen(disk is null, "Not run: root cannot mount a tmpfs on this machine, as in a container without CAP_SYS_ADMIN.");

        disk.Fill();
        Assert.Throws<IOException>(() => File.WriteAllText(Path.Combine(Data, "full"), "x"));
        disk.Empty();
        File.WriteAllText(Path.Combine(Data, "room"), "x");
        disk.Dispose();

        Assert.Empty(Directory.EnumerateFileSystemEntries(Data));
    }

    [Fact]
    public void Without_the_right_to_mount_the_folder_exists_and_no_volume_is_mounted()
    {
        Assert.SkipWhen(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Not run: this process may mount a volume.");

        Assert.Null(BoundedVolume.TryMount(Data));
        Assert.True(Directory.Exists(Data));
    }
}
