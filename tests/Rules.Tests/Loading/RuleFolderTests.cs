using System.Diagnostics;
using System.Text;

using MLEvents.Tests.Common;

namespace MLEvents.Rules.Tests.Loading;

/// <summary>Unusual content of a rules folder: other encodings, links, named pipes, tabs, and templates without quotes.</summary>
public sealed class RuleFolderTests
{
    private const string Start = "alerts:\n  - name: rule\n    when: {}\n    send: ";

    [Fact]
    public void A_byte_that_is_not_utf8_is_reported_at_its_place()
    {
        using var folder = new TempFolder();
        var file = folder.Write("alerts.yaml", "");
        File.WriteAllBytes(file, Encoding.Latin1.GetBytes("# rules\nalerts: []  # caf\u00E9\n"));

        var error = Assert.Single(Assert.Throws<RuleFileException>(() => RuleLoader.LoadAlerts(file)).Errors);

        Assert.Equal((2, 18, "the byte 0xE9 is not valid UTF-8; save the file as UTF-8"), (error.Line, error.Column, error.Message));
    }

    [Fact]
    public void A_byte_that_is_not_utf8_in_a_template_file_is_reported_with_the_path_of_this_file()
    {
        using var folder = new TempFolder();
        var template = folder.Write("x.liquid", "");
        File.WriteAllBytes(template, [(byte)'a', 0xFF]);
        var file = folder.Write("alerts.yaml", Start + "{ channel: email, to: a@b, textFile: x.liquid }\n");

        var error = Assert.Single(Assert.Throws<RuleFileException>(() => RuleLoader.LoadAlerts(file)).Errors);

        Assert.Equal((template, 1, 2), (error.File, error.Line, error.Column));
    }

    [Fact]
    public void A_link_to_a_folder_outside_the_rules_folder_is_not_followed()
    {
        using var outside = new TempFolder();
        using var folder = new TempFolder();
        outside.Write("x.liquid", "secret");
        Directory.CreateSymbolicLink(Path.Combine(folder.Path, "linked"), outside.Path);
        var file = folder.Write("alerts.yaml", Start + "{ channel: email, to: a@b, textFile: linked/x.liquid }\n");

        var error = Assert.Single(Assert.Throws<RuleFileException>(() => RuleLoader.LoadAlerts(file)).Errors);

        Assert.Equal("'linked/x.liquid' is outside the rules folder", error.Message);
    }

    [Fact]
    public void Links_within_the_folder_are_followed()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, "..2026"));
        File.WriteAllText(Path.Combine(folder.Path, "..2026", "x.liquid"), "hello");
        Directory.CreateSymbolicLink(Path.Combine(folder.Path, "..data"), "..2026");
        File.CreateSymbolicLink(Path.Combine(folder.Path, "x.liquid"), "..data/x.liquid");
        var file = folder.Write("alerts.yaml", Start + "{ channel: email, to: a@b, textFile: x.liquid }\n");

        Assert.Equal("hello", RuleLoader.LoadAlerts(file).Rules.Single().Send.Text?.Source);
    }

    [Fact]
    public void Links_that_lead_back_to_themselves_are_refused()
    {
        using var folder = new TempFolder();
        File.CreateSymbolicLink(Path.Combine(folder.Path, "a"), "b");
        File.CreateSymbolicLink(Path.Combine(folder.Path, "b"), "a");
        var file = folder.Write("alerts.yaml", Start + "{ channel: email, to: a@b, textFile: a }\n");

        var error = Assert.Single(Assert.Throws<RuleFileException>(() => RuleLoader.LoadAlerts(file)).Errors);

        Assert.Equal("'a' cannot be read: the path has more than 40 links", error.Message);
    }

    [Fact]
    public async Task A_named_pipe_does_not_block_the_load()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no named pipes in folders.");
        using var folder = new TempFolder();
        using var make = Process.Start("mkfifo", Path.Combine(folder.Path, "pipe"));
        await make.WaitForExitAsync(TestContext.Current.CancellationToken);
        var file = folder.Write("alerts.yaml", Start + "{ channel: teams, bodyFile: pipe }\n");

        var load = Task.Run(() => RuleLoader.LoadAlerts(file), TestContext.Current.CancellationToken);

        Assert.Equal("", (await load.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken)).Rules.Single().Send.Body?.Source);
    }

    [Fact]
    public void A_tab_is_reported_at_its_place()
    {
        using var folder = new TempFolder();
        var file = folder.Write("alerts.yaml", Start + "{ channel: teams, forward: true }\n  - name: two\n    when:\n\t  includedEventTypes: [RunCompleted]\n");

        var error = Assert.Single(Assert.Throws<RuleFileException>(() => RuleLoader.LoadAlerts(file)).Errors);

        Assert.Equal((7, 1, "YAML does not allow a tab in the indentation; use spaces"), (error.Line, error.Column, error.Message));
    }

    [Theory]
    [InlineData("{ channel: email, to: a@b, subject: {{ id }} }", 36)]
    [InlineData("\n      channel: email\n      to: a@b\n      subject: {{ id }} happened", 17)]
    public void A_template_without_quotes_is_refused_with_the_fix(string send, int column)
    {
        using var folder = new TempFolder();
        var file = folder.Write("alerts.yaml", Start + send + "\n");

        var error = Assert.Single(Assert.Throws<RuleFileException>(() => RuleLoader.LoadAlerts(file)).Errors);

        Assert.Equal("mapping keys must be strings; put a value that begins with a template in quotes: \"{{ … }}\"", error.Message);
        Assert.True(error.Column >= column, $"column {error.Column}");
    }
}
