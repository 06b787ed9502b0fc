using MLEvents.Events;
using MLEvents.Rules.Conditions;
using MLEvents.Rules.Plans;
using MLEvents.Rules.Schema;
using MLEvents.Rules.Templates;
using MLEvents.Tests.Common;

namespace MLEvents.Rules.Tests;

/// <summary>The rules in the documents are valid.</summary>
public sealed class DocumentedRulesTests
{
    public static TheoryData<string, int> Snippets()
    {
        var data = new TheoryData<string, int>();
        foreach (var file in new[] { "README.md", "docs/rules.md" })
        {
            for (var index = 0; index < Read(file).Count; index++)
            {
                data.Add(file, index);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Snippets))]
    public void A_documented_rule_loads(string document, int index)
    {
        var snippet = Read(document)[index];
        using var folder = new TempFolder();
        folder.Write("jobs/churn-train.yaml", File.ReadAllText(Repository.PathOf("rules", "jobs", "churn-train.yaml")));
        folder.Write("deployments/churn.yaml", File.ReadAllText(Repository.PathOf("rules", "strategies", "deployments", "churn.yaml")));
        folder.Write("samples/churn.json", File.ReadAllText(Repository.PathOf("rules", "strategies", "samples", "churn.json")));

        var loaded = snippet.Split(':')[0] switch
        {
            "alerts" => RuleLoader.LoadAlerts(folder.Write("alerts.yaml", snippet)).Rules.Count,
            "retraining" => RuleLoader.LoadRetraining(folder.Write("retraining.yaml", snippet)).Rules.Count,
            "deployments" => RuleLoader.LoadDeployments(folder.Write("deployments.yaml", snippet)).Rules.Count,
            "when" => RuleLoader.LoadAlerts(folder.Write("alerts.yaml", AsAlert(snippet))).Rules.Count,
            var other => throw new InvalidOperationException($"{document} shows a snippet that begins with '{other}'."),
        };

        Assert.Equal(1, loaded);
    }

    public static TheoryData<string, string, string> Operators()
    {
        var data = new TheoryData<string, string, string>();
        foreach (var cells in File.ReadLines(Repository.PathOf("docs", "rules.md")).Where(line => line.StartsWith("| `{ operatorType:", StringComparison.Ordinal)).Select(line => line.Split('`')))
        {
            data.Add(cells[1], cells[3], cells[5]);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Operators))]
    public void A_documented_filter_holds_for_the_documented_data(string filter, string holds, string doesNotHold)
    {
        var condition = TestData.Condition($"enableAdvancedFilteringOnArrays: true\nadvancedFilters: [{filter}]");

        Assert.True(condition.Matches(TestData.Event(holds)), holds);
        Assert.False(condition.Matches(TestData.Event(doesNotHold)), doesNotHold);
    }

    [Fact]
    public void Every_operator_and_every_key_is_documented()
    {
        var document = File.ReadAllText(Repository.PathOf("docs", "rules.md"));
        var keys = new[] { RuleSchema.Recorded<AlertRule>(), RuleSchema.Recorded<RetrainingRule>(), RuleSchema.Recorded<DeploymentRule>() }.SelectMany(recorder => recorder.Places.Values).SelectMany(place => place.Keys);

        Assert.All(FilterOperator.All.Keys, name => Assert.Contains($"operatorType: {name},", document, StringComparison.Ordinal));
        Assert.All(keys.Concat(DeduplicationKeySelector.Keywords).Distinct(), key => Assert.Matches($@"`[^`\n]*\b{key}\b[^`\n]*`", document));
    }

    [Fact]
    public void The_documented_mail_lists_the_earlier_events_of_the_chain()
    {
        using var folder = new TempFolder();
        var snippet = Assert.Single(Read("docs/rules.md"), one => one.Contains("in previous", StringComparison.Ordinal));
        var rule = RuleLoader.LoadAlerts(folder.Write("alerts.yaml", snippet)).Rules.Single();
        var model = TestData.Event("""{"modelName":"churn","modelVersion":7}""", EventTypes.ModelRegistered);
        var drift = ChainEvent.From(TestData.Event("{}", EventTypes.DatasetDriftDetected) with { Source = "/elsewhere" });

        Assert.Equal(
            [$"churn has version 7: https://ml.azure.com/model/churn:7/details?wsid={TestData.ShortWorkspace}", "04 Mar 05:06 DatasetDriftDetected  https://ml.azure.com/"],
            TextOf([drift]).Trim().Split('\n'));
        Assert.Equal("No earlier event of the chain is known.", TextOf([]).Trim().Split('\n')[1]);

        string TextOf(ChainEvent[] previous) => Assert.IsType<MailPlan>(AlertPlans.Create(rule, model, previous).Plan).Text;
    }

    [Fact]
    public void Every_tag_and_filter_is_documented()
    {
        var document = File.ReadAllText(Repository.PathOf("docs", "rules.md"));

        Assert.All(FilterSignature.All.Keys.Concat(LiquidGrammar.Tags.Where(tag => !tag.StartsWith("end", StringComparison.Ordinal))), name => Assert.Contains($"`{name}`", document, StringComparison.Ordinal));
    }

    private static string AsAlert(string condition) =>
        "alerts:\n  - name: shown\n    send: { channel: teams, body: '{}' }\n" + string.Concat(condition.Split('\n').Select(line => $"    {line}\n"));

    private static List<string> Read(string document)
    {
        var parts = File.ReadAllText(Repository.PathOf(document)).ReplaceLineEndings("\n").Split("```yaml\n");
        return [.. parts.Skip(1).Select(part => part.Split("```")[0])];
    }
}
