using System.Diagnostics;

namespace MLEvents.Local.Verify;

/// <summary>A disk of its own for the data folder, so that it can be filled without harming anybody: a tmpfs, which only root may mount.</summary>
internal sealed class BoundedVolume : IDisposable
{
    private const string Size = "size=256m";
    private readonly string _folder;
    private readonly string _ballast;

    private BoundedVolume(string folder) => (_folder, _ballast) = (folder, Path.Combine(folder, "ballast"));

    /// <summary>Mounts the disk; null where that is not to be had.</summary>
    public static BoundedVolume? TryMount(string folder)
    {
        Directory.CreateDirectory(folder);
        return OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && Run("mount", "-t", "tmpfs", "-o", Size, "tmpfs", folder) ? new(folder) : null;
    }

    /// <summary>Writes until nothing more fits.</summary>
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
                // Full for this size; a smaller piece may still fit.
                length /= 2;
            }
        }
    }

    /// <summary>Makes room again.</summary>
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
            // The program is not there.
            return false;
        }
    }
}
