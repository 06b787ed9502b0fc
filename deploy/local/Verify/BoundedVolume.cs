using System.Diagnostics;

namespace MLEvents.Local.Verify;

/// <summary>A small separate disk (tmpfs) for the data folder. The disk can be filled without affecting other programs. To mount it, the process must run as root on Linux.</summary>
internal sealed class BoundedVolume : IDisposable
{
    private const string Size = "size=256m";
    private readonly string _folder;
    private readonly string _ballast;

    private BoundedVolume(string folder) => (_folder, _ballast) = (folder, Path.Combine(folder, "ballast"));

    /// <summary>Mounts the disk. Returns null where this is not possible.</summary>
    public static BoundedVolume? TryMount(string folder)
    {
        Directory.CreateDirectory(folder);
        return OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && Run("mount", "-t", "tmpfs", "-o", Size, "tmpfs", folder) ? new(folder) : null;
    }

    /// <summary>Fills the disk.</summary>
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

    /// <summary>Frees the space again.</summary>
    public void Empty() => File.Delete(_ballast);

    public void Dispose() => Run("umount", "--lazy", _folder);

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true });
            process?.WaitForExit();
            return process?.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // The program does not exist.
            return false;
        }
    }
}
