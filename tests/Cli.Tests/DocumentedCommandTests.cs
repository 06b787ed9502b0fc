using System.Text.RegularExpressions;

using MLEvents.Tests.Common;

namespace MLEvents.Cli.Tests;

/// <summary>Checks that the commands in the documents are valid command lines of <c>mlevents</c>.</summary>
public sealed class DocumentedCommandTests
{
    private const string Run = "dotnet run --project tools/Cli -- ";
    private const string Installed = "mlevents ";

    public static TheoryData<string> Commands =>
        [.. DocumentedCommand.All.Select(command => command.Text.Replace(Run, Installed, StringComparison.Ordinal)).Where(text => text.StartsWith(Installed, StringComparison.Ordinal)).Distinct()];

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_documented_command_can_be_parsed(string command)
    {
        // Optional parts are left out, the first of two alternatives is used, and the placeholder of an address is replaced by an address.
        var line = Regex.Replace(command[Installed.Length..], @"\[[^\]]*\]|\\\|\S+", "").Replace(" URL", " http://localhost/events", StringComparison.Ordinal);

        Assert.Empty(MlEventsCommand.Create().Parse(line).Errors);
    }
}
