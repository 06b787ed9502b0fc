using System.Diagnostics;

namespace MLEvents.Dashboard.Tests.History;

/// <summary>A volume of 16 MiB (tmpfs) that a test can fill. Mounting it requires root on Linux.</summary>
internal sealed class BoundedVolume : IDisposable
{
    private readonly string _ballast;

    private BoundedVolume(string folder) => (Folder, _ballast) = (folder, Path.Combine(folder, "ballast"));

    public string Folder { get; }

    /// <summary>Mounts the volume. Skips the test if this is not possible.</summary>
    public static BoundedVolume Mount(string folder)
    {
        Directory.CreateDirectory(folder);
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && Run("mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", folder), "Not run: this user cannot mount a tmpfs volume on this machine.");
        return new(folder);
    }

    /// <summary>Fills the volume completely.</summary>
    public void Fill()
    {
        using var file = new FileStream(_ballast, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[65_536];
        for (var length = block.Length; length > 0;)
        {
            try
            {
                file.Write(block, 0, length);
            }
            catch (IOException)
            {
                // A smaller block may still fit.
                length /= 2;
            }
        }
    }

    /// <summary>Frees the space that <see cref="Fill"/> used.</summary>
    public void Empty() => File.Delete(_ballast);

    public void Dispose() => Run("umount", "--lazy", Folder);

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true });
        process?.WaitForExit();
        return process?.ExitCode == 0;
    }
}
