using System.Diagnostics;
using System.Globalization;
using System.Text;

using MLEvents.Events;
using MLEvents.Rules;

namespace MLEvents.Benchmarks;

/// <summary>How long one event takes against many rules, and what it allocates.</summary>
internal static class RuleSpeed
{
    private const int Warmup = 2_000;
    private const int Measured = 2_000;

    public static async Task RunAsync(Plan plan, TextWriter output, CancellationToken cancellationToken)
    {
        await output.WriteLineAsync("## Rules\n");
        var table = new MarkdownTable("one event against", "median, ms", "p99, ms", "allocated, bytes");
        Add(table, "1,000 rules, 5 conditions each, of which the last fails", RulesOf(1_000, EventTypes.RunCompleted));
        Add(table, "1,000 rules, 5 conditions each, all of which hold", RulesOf(1_000, EventTypes.RunCompleted, last: "r1"));
        Add(table, "1,000 rules of another type", RulesOf(1_000, EventTypes.ModelDeployed));
        Add(table, "4,000 rules of another type", RulesOf(4_000, EventTypes.ModelDeployed));
        await table.WriteAsync(output);
    }

    private static void Add(MarkdownTable table, string what, RuleSet<AlertRule> rules)
    {
        var workflowEvent = SpeedEvents.Parse(SpeedEvents.Json(1));
        for (var round = 0; round < Warmup; round++)
        {
            Count(rules, workflowEvent);
        }

        var times = new double[Measured];
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < Measured; round++)
        {
            var start = Stopwatch.GetTimestamp();
            Count(rules, workflowEvent);
            times[round] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        var allocated = (GC.GetAllocatedBytesForCurrentThread() - before) / Measured;
        Array.Sort(times);
        table.Add(what, Shown(times[Measured / 2]), Shown(times[(Measured * 99 / 100) - 1]), allocated.ToString(CultureInfo.InvariantCulture));
    }

    private static int Count(RuleSet<AlertRule> rules, WorkflowEvent workflowEvent)
    {
        var count = 0;
        foreach (var _ in rules.Matching(workflowEvent))
        {
            count++;
        }

        return count;
    }

    private static RuleSet<AlertRule> RulesOf(int count, string type, string last = "other")
    {
        var folder = Directory.CreateTempSubdirectory("mlevents-speed-");
        try
        {
            // A rule file is at most 256 KiB, so many rules come from several.
            var rules = new List<AlertRule>();
            for (var from = 0; from < count; from += 500)
            {
                var file = Path.Combine(folder.FullName, "alerts.yaml");
                File.WriteAllText(file, Yaml(from, Math.Min(500, count - from), type, last));
                rules.AddRange(RuleLoader.LoadAlerts(file).Rules);
            }

            return new RuleSet<AlertRule>("speed", "alerts.yaml", rules);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Yaml(int from, int count, string type, string last)
    {
        var text = new StringBuilder("alerts:\n");
        for (var n = from; n < from + count; n++)
        {
            text.Append(CultureInfo.InvariantCulture, $$"""
                - name: r{{n}}
                  when:
                    includedEventTypes: [{{type}}]
                    subjectBeginsWith: experiments/
                    advancedFilters:
                    - { operatorType: NumberGreaterThan, key: data.driftCoefficient, value: 0.3 }
                    - { operatorType: StringContains, key: data.runTags.stage, values: [prod] }
                    - { operatorType: StringIn, key: data.runId, values: [{{last}}] }
                  send: { channel: x, forward: true }

                """);
        }

        return text.ToString();
    }

    private static string Shown(double milliseconds) => milliseconds.ToString("0.000", CultureInfo.InvariantCulture);
}
