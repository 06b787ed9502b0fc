using System.Text.RegularExpressions;

using MLEvents.Tests.Common;

namespace MLEvents.Architecture;

/// <summary>The path of an event from the webhook to the mail in docs/architecture.md.</summary>
public sealed partial class DocumentedWalkTests
{
    private const int MaxStops = 20;
    private const int MaxFiles = 40;

    private static readonly IReadOnlyList<string> Stops =
    [
        .. File.ReadLines(Repository.PathOf("docs/architecture.md"))
            .SkipWhile(line => line != "## From `POST /events` to a mail")
            .TakeWhile(line => !line.StartsWith("### ", StringComparison.Ordinal))
            .Where(line => Stop().IsMatch(line)),
    ];

    [Fact]
    public void The_documented_path_of_an_event_has_20_stops_at_most() => Assert.InRange(Stops.Count, 1, MaxStops);

    [Fact]
    public void The_documented_path_of_an_event_names_40_files_at_most_and_all_files_exist()
    {
        var files = Stops.SelectMany(FilesOf).Distinct().ToList();

        Assert.InRange(files.Count, 1, MaxFiles);
        Assert.All(files, file => Assert.True(File.Exists(Repository.PathOf(file)), $"{file} does not exist"));
    }

    // A name without a folder is in the folder of the file before it.
    private static IEnumerable<string> FilesOf(string stop)
    {
        var folder = "";
        foreach (var file in FileName().Matches(stop).Select(match => match.Groups[1].Value))
        {
            folder = file.Contains('/', StringComparison.Ordinal) ? file[..file.LastIndexOf('/')] : folder;
            yield return file.Contains('/', StringComparison.Ordinal) ? file : $"{folder}/{file}";
        }
    }

    [GeneratedRegex(@"^\| \d+ \|")]
    private static partial Regex Stop();

    [GeneratedRegex(@"`([\w./]+\.(?:cs|yaml))`")]
    private static partial Regex FileName();
}
