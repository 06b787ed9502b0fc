using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

using MLEvents.Events;
using MLEvents.Rules;

namespace MLEvents.Benchmarks;

/// <summary>Measures the time and the allocated memory for one event and many rules.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
[SuppressMessage("Maintainability", "CA1515", Justification = "BenchmarkDotNet measures public classes.")]
public class RuleSpeed
{
    private readonly WorkflowEvent _event = SpeedEvents.Parse(SpeedEvents.Json(1));
    private RuleSet<AlertRule> _rules = new("none", "none", []);

    /// <summary>The rules, with five conditions each.</summary>
    [Params(
        "1,000 rules whose last condition fails", "1,000 rules whose conditions all hold", "1,000 rules of another type", "4,000 rules of another type",
        "10,000 rules, 10 for the event's run")]
    public string Rules { get; set; } = "";

    /// <summary>Loads the rules.</summary>
    [GlobalSetup]
    public void Load() => _rules = Rules switch
    {
        "1,000 rules whose last condition fails" => RulesOf(1_000, EventTypes.RunCompleted),
        "1,000 rules whose conditions all hold" => RulesOf(1_000, EventTypes.RunCompleted, _ => "r1"),
        "10,000 rules, 10 for the event's run" => RulesOf(10_000, EventTypes.RunCompleted, number => $"r{number % 1_000}"),
        "1,000 rules of another type" => RulesOf(1_000, EventTypes.ModelDeployed),
        _ => RulesOf(4_000, EventTypes.ModelDeployed),
    };

    /// <summary>Matches one event against all rules.</summary>
    /// <returns>The number of matching rules.</returns>
    [Benchmark]
    public int Matching()
    {
        var count = 0;
        foreach (var _ in _rules.Matching(_event))
        {
            count++;
        }

        return count;
    }

    internal static async Task RunAsync(Plan plan, TextWriter output, CancellationToken cancellationToken)
    {
        await output.WriteLineAsync("## Rules\n");
        var folder = Directory.CreateTempSubdirectory("mlevents-speed-");
        try
        {
            // The benchmark runs in this process, because a generated project would have to restore packages.
            var config = ManualConfig.CreateEmpty()
                .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.DontLogOutput).WithWarmupCount(5).WithIterationCount(plan.Rounds * 4))
                .AddColumn(StatisticColumn.Median, StatisticColumn.P95)
                .AddColumnProvider(DefaultColumnProviders.Params, DefaultColumnProviders.Metrics)
                .WithSummaryStyle(BenchmarkDotNet.Reports.SummaryStyle.Default.WithMaxParameterColumnWidth(60).WithTimeUnit(Perfolizer.Horology.TimeUnit.Microsecond))
                .AddLogger(NullLogger.Instance)
                .WithArtifactsPath(folder.FullName);
            var summary = BenchmarkRunner.Run<RuleSpeed>(config);
            var table = new AccumulationLogger();
            MarkdownExporter.GitHub.ExportToLog(summary, table);
            await output.WriteLineAsync(table.GetLog());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static RuleSet<AlertRule> RulesOf(int count, string type, Func<int, string>? runId = null)
    {
        var folder = Directory.CreateTempSubdirectory("mlevents-speed-");
        try
        {
            // A rule file has at most 256 KiB, so many rules need several files.
            var rules = new List<AlertRule>();
            for (var from = 0; from < count; from += 500)
            {
                var file = Path.Combine(folder.FullName, "alerts.yaml");
                File.WriteAllText(file, Yaml(from, Math.Min(500, count - from), type, runId ?? (_ => "other")));
                rules.AddRange(RuleLoader.LoadAlerts(file).Rules);
            }

            return new RuleSet<AlertRule>("speed", "alerts.yaml", rules);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Yaml(int from, int count, string type, Func<int, string> runId)
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
                    - { operatorType: StringIn, key: data.runId, values: [{{runId(n)}}] }
                  send: { channel: x, forward: true }

                """);
        }

        return text.ToString();
    }
}
