using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

using Microsoft.Extensions.Options;

using MLEvents.Events;

namespace MLEvents.Ledger.Records;

/// <summary>
/// Finds out which lease holders with the machine name of this process have ended. Each process keeps a file locked while it runs. The operating system releases the lock when the
/// process ends, even after a crash, so a lease of an ended process counts as expired at once.
/// </summary>
/// <remarks>
/// Holders with other machine names count as running until their lease ends. If <see cref="LedgerOptions.InstanceDirectory"/> is not set, every holder counts as
/// running until its lease ends.
/// </remarks>
internal sealed class LeaseHolders : IDisposable
{
    private const string Extension = ".lock";

    // How long a file is kept after its process was found to have ended. This is longer than the longest lease, so that no lease of the process is left when its file is removed.
    private static readonly TimeSpan KeepFor = TimeSpan.FromHours(1);

    // Only processes with the same machine name (of the same machine, pod or container) see each other's locks reliably, even on a shared volume.
    private static readonly string Suffix = $"@{Environment.MachineName}{Extension}";

    private readonly ConcurrentDictionary<string, bool> _ended = new();
    private readonly ConcurrentDictionary<string, bool> _reported = new();
    private readonly string? _directory;
    private readonly FileStream? _own;

    /// <exception cref="InvalidOperationException">The directory cannot be used.</exception>
    public LeaseHolders(LedgerService service, IOptions<LedgerOptions> options, TimeProvider time)
    {
        if (options.Value.InstanceDirectory is not { Length: > 0 } directory)
        {
            return;
        }

        try
        {
            _directory = Directory.CreateDirectory(directory).FullName;
            RemoveOld(time.GetUtcNow());
            _own = Lock(PathOf(service.Instance));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException($"Ledger:InstanceDirectory '{directory}' cannot be written: {exception.Message.TrimEnd('.')}. Name a directory on a local disk, or remove the setting.", exception);
        }

        if (HasEnded(service.Instance))
        {
            throw new InvalidOperationException($"Files in Ledger:InstanceDirectory '{directory}' cannot be locked. Name a directory on a local disk, or remove the setting.");
        }
    }

    /// <summary>The earliest time when an owner may take an action; null if it may be taken now. See <see cref="ActionRecord.NotBefore"/>.</summary>
    public DateTimeOffset? NotBefore(ActionRecord record, string owner, DateTimeOffset now) =>
        IsHeldByEnded(record) ? (record with { LeaseOwner = null }).NotBefore(owner, now) : record.NotBefore(owner, now);

    /// <summary>Whether the process that holds the lease of an action has ended.</summary>
    public bool IsHeldByEnded(ActionRecord record) =>
        record.LeaseOwner is { } owner && owner.LastIndexOf('-') is > 0 and var end && HasEnded(owner[..end]);

    /// <summary>Whether any process has ended whose end no earlier call has reported.</summary>
    public bool FindEnded()
    {
        if (_directory is null)
        {
            return false;
        }

        var isNew = false;
        foreach (var path in Directory.EnumerateFiles(_directory, "*" + Suffix))
        {
            var instance = Path.GetFileName(path)[..^Suffix.Length];
            isNew |= HasEnded(instance) && _reported.TryAdd(instance, true);
        }

        return isNew;
    }

    /// <inheritdoc/>
    public void Dispose() => _own?.Dispose();

    private bool HasEnded(string instance)
    {
        if (_directory is null)
        {
            return false;
        }

        // An ended process never runs again, because the name of an instance is used once.
        var hasEnded = _ended.ContainsKey(instance) || IsUnlocked(PathOf(instance));
        if (hasEnded)
        {
            _ended.TryAdd(instance, true);
        }

        return hasEnded;
    }

    private string PathOf(string instance) => Path.Combine(_directory ?? "", instance + Suffix);

    // The file is locked before it is renamed, because another process must not find it unlocked.
    private static FileStream Lock(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        }

        var locked = new FileStream(path + ".new", FileMode.Create, FileAccess.Write, FileShare.None);
        File.Move(path + ".new", path);
        return locked;
    }

    // The share mode allows two processes to check at the same time without mistaking each other for the holder.
    private static bool IsUnlocked(string path)
    {
        try
        {
            using var probe = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private void RemoveOld(DateTimeOffset now)
    {
        foreach (var path in Directory.EnumerateFiles(_directory ?? "", "*" + Suffix).Where(IsUnlocked))
        {
            try
            {
                RemoveOrMark(path, now);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // A process that starts at the same time marks or removes the file. If it does not, the next start does.
            }
        }
    }

    // The first process that finds the file unlocked writes the time into it. The time stamp of the file is not used, because it is the time when the process started.
    private static void RemoveOrMark(string path, DateTimeOffset now)
    {
        if (!Rfc3339.TryParse(File.ReadAllText(path), out var foundEnded))
        {
            using var mark = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            mark.Write(Encoding.UTF8.GetBytes(now.ToString("O", CultureInfo.InvariantCulture)));
        }
        else if (foundEnded < now - KeepFor)
        {
            File.Delete(path);
        }
    }
}
