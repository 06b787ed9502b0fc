using System.CommandLine;

using MLEvents.Cli.Operating;

namespace MLEvents.Cli;

/// <summary><c>mlevents quarantine</c>: requests, and parts of requests, that were no events.</summary>
internal static class QuarantineCommand
{
    private const string Description = """
        What came to the ingress and was no event that it can read: the bytes, the reason and the headers. A replay reads the bytes again, as the
        ingress that runs now reads them.

        Examples:
          mlevents quarantine list
          mlevents quarantine show 9f86d081884c7d659a2feaa0c55ad015
          mlevents quarantine replay 9f86d081884c7d659a2feaa0c55ad015
        """;

    public static Command Create() => StoredMessagesCommand.Create("quarantine", Description);
}
