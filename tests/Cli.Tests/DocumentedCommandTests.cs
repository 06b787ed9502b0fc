using System.Text.RegularExpressions;

using MLEvents.Tests.Common;

namespace MLEvents.Cli.Tests;

/// <summary>What the documents tell to type is a command line that <c>mlevents</c> takes.</summary>
public sealed class DocumentedCommandTests
{
    private const string Run = "dotnet run --project tools/Cli -- ";
    private const string Installed = "mlevents ";

    public static TheoryData<string> Commands =>
        [.. DocumentedCommand.All.Select(command => command.Text.Replace(Run, Installed, StringComparison.Ordinal)).Where(text => text.StartsWith(Installed, StringComparison.Ordinal)).Distinct()];

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_documented_command_makes_sense(string command)
    {
        // What may be left out is left out; of two choices the first is made; the address that is meant is some address.
        var line = Regex.Replace(command[Installed.Length..], @"\[[^\]]*\]|\\\|\S+", "").Replace(" URL", " http://localhost/events", StringComparison.Ordinal);

        Assert.Empty(MlEventsCommand.Create().Parse(line).Errors);
    }
}
