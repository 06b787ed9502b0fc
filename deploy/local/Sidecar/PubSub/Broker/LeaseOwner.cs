using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace MLEvents.Local.Sidecar.PubSub.Broker;

/// <summary>
/// Identifies the process that holds a lease. The maintenance releases the leases of ended processes
/// without waiting for the processing timeout.
/// </summary>
internal static class LeaseOwner
{
    /// <summary>Two start times that differ by less than this time count as equal. Each process calculates start times from its own value of the boot time, so the results differ slightly.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(1);

    /// <summary>This process: the name of its machine or container, its id, and its start time, because ids are reused.</summary>
    public static string Current { get; } = ThisProcess();

    /// <summary>Whether the process still runs. A process on another machine cannot be checked, so it counts as alive until its lease expires.</summary>
    public static bool IsAlive(string owner)
    {
        if (owner.Split('/') is not [var machine, var id, var ticks] || !int.TryParse(id, CultureInfo.InvariantCulture, out var process)
            || !long.TryParse(ticks, CultureInfo.InvariantCulture, out var started))
        {
            return false;
        }

        return machine != Environment.MachineName || Started(process) is not { } at || (at - new DateTime(started, DateTimeKind.Utc)).Duration() < Tolerance;
    }

    private static string ThisProcess()
    {
        using var process = Process.GetCurrentProcess();
        return string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}/{process.Id}/{process.StartTime.ToUniversalTime().Ticks}");
    }

    /// <summary>Returns the start time of a process: <see cref="DateTime.MinValue"/> if the process does not exist, null if the system does not report the time.</summary>
    private static DateTime? Started(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return process.StartTime.ToUniversalTime();
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            return DateTime.MinValue;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
