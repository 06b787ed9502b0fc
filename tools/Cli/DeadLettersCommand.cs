using System.CommandLine;

using MLEvents.Cli.Operating;

namespace MLEvents.Cli;

/// <summary><c>mlevents dead-letters</c>: messages that a service dropped.</summary>
internal static class DeadLettersCommand
{
    private const string Description = """
        Lists and replays messages that a service dropped, because it could not read or record them. The ingress stores them.

        Examples:
          mlevents dead-letters list --state open
          mlevents dead-letters show 9f86d081884c7d659a2feaa0c55ad015
          mlevents dead-letters replay 9f86d081884c7d659a2feaa0c55ad015
          mlevents dead-letters replay 9f86d081884c7d659a2feaa0c55ad015 --force    also repeats actions that were carried out
          mlevents dead-letters replay --all --url https://ingress.example.org
        """;

    public static Command Create() => StoredMessagesCommand.Create("dead-letters", Description);
}
