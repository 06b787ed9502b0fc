using MLEvents.Tests.Common;

namespace MLEvents.Rules.Tests.Loading;

/// <summary>The loader validates recipients with the parser that the notifier uses when it sends.</summary>
public sealed class RecipientTests
{
    [Theory]
    [InlineData("a@example.com", "a@example.com")]
    [InlineData("Ops <ops@example.com>", "Ops <ops@example.com>")]
    [InlineData("a@example.com, b@example.com", "a@example.com|b@example.com")]
    [InlineData("c@example.com; d@example.com", "c@example.com|d@example.com")]
    [InlineData("c@example.com;", "c@example.com")]
    [InlineData("\"Ops; Team, EU\" <ops@example.com>; d@example.com", "\"Ops; Team, EU\" <ops@example.com>|d@example.com")]
    public void A_string_contains_one_recipient_or_a_list_of_recipients(string written, string expected)
    {
        using var folder = new TempFolder();

        var rules = RuleLoader.LoadAlerts(Write(folder, written)).Rules;

        Assert.Equal(expected.Split('|'), Assert.Single(rules).Send.To.Fixed);
    }

    [Theory]
    [InlineData("\"Ops\" ops@example.com")]
    [InlineData("nobody")]
    [InlineData("a@example.com, nobody")]
    [InlineData("Team: a@example.com, b@example.com;")]
    [InlineData("a@example.com\u0007")]
    public void A_recipient_that_cannot_be_sent_to_is_refused(string written)
    {
        using var folder = new TempFolder();
        var file = Write(folder, written);

        var error = Assert.Single(Assert.Throws<RuleFileException>(() => RuleLoader.LoadAlerts(file)).Errors);

        Assert.Equal($"'{written}' is not an e-mail address; write 'name@example.com' or 'Name <name@example.com>'", error.Message);
    }

    [Fact]
    public void A_template_among_the_recipients_is_checked_when_it_is_loaded()
    {
        using var folder = new TempFolder();

        var to = Assert.Single(RuleLoader.LoadAlerts(Write(folder, "{{ data.modelTags.owner | default: 'ml@example.com' }}")).Rules).Send.To;
        var error = Assert.Single(Assert.Throws<RuleFileException>(() => RuleLoader.LoadAlerts(Write(folder, "{{ dta.owner }}"))).Errors);

        Assert.Empty(to.Fixed);
        Assert.Single(to.FromData);
        Assert.StartsWith("unknown variable 'dta'; did you mean 'data'?", error.Message, StringComparison.Ordinal);
    }

    private static string Write(TempFolder folder, string to) =>
        folder.Write("alerts.yaml", $"alerts:\n  - name: rule\n    when: {{}}\n    send: {{ channel: email, to: {System.Text.Json.JsonSerializer.Serialize(to)} }}\n");
}
