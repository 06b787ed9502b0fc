using MLEvents.Dashboard.Comparing;

namespace MLEvents.Dashboard.Tests.Comparing;

public sealed class LineDiffTests
{
    [Theory]
    [InlineData("a\nb\nc\n", "a\nb\nc\n", " a| b| c")]
    [InlineData("a\nb\nc", "a\nx\nc", " a|-b|+x| c")]
    [InlineData("", "a\nb", "+a|+b")]
    [InlineData("a\nb", "", "-a|-b")]
    [InlineData("a\nb\nc\nd", "a\nc\nd\ne", " a|-b| c| d|+e")]
    [InlineData("a\na", "a", " a|-a")]
    [InlineData("a\r\nb", "a\nb", " a| b")]
    [InlineData("a\r\nb\r\n", "a\nb\n", " a| b")]
    public void Each_line_is_common_removed_or_added(string before, string after, string expected) => Assert.Equal(
        expected, string.Join('|', LineDiff.Compare(before, after).Select(line => (line.Kind switch { DiffKind.Added => '+', DiffKind.Removed => '-', _ => ' ' }) + line.Text)));

    [Fact]
    public void Large_texts_without_common_lines_are_replaced_as_a_whole()
    {
        var (before, after) = (string.Join('\n', Enumerable.Range(0, 3000)), string.Join('\n', Enumerable.Range(5000, 3000)));

        var lines = LineDiff.Compare(before, after);

        Assert.Equal((3000, 3000, 0), (lines.Count(line => line.Kind == DiffKind.Removed), lines.Count(line => line.Kind == DiffKind.Added), lines.Count(line => line.Kind == DiffKind.Common)));
    }
}
