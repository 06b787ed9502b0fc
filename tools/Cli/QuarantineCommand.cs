using System.CommandLine;

using MLEvents.Cli.Operating;

namespace MLEvents.Cli;

/// <summary>
/// <c>mlevents quarantine</c>: requests, and parts of requests, that the ingress could not read as events, or that its settings do not allow.
/// </summary>
internal static class QuarantineCommand
{
    private const string Description = """
        Lists and replays input that the ingress could not read as events, or that its settings do not allow. Each entry has the bytes, the reason and
        the headers. A replay reads the bytes again with the current version of the ingress.

        Examples:
          mlevents quarantine list
          mlevents quarantine show 9f86d081884c7d659a2feaa0c55ad015
          mlevents quarantine replay 9f86d081884c7d659a2feaa0c55ad015
        """;

    public static Command Create() => StoredMessagesCommand.Create("quarantine", Description);
}
