using System.Globalization;
using System.Text;
using System.Text.Json;

using MLEvents.Events;
using MLEvents.Events.Reading;
using MLEvents.Rules.Templates;
using MLEvents.Tests.Common;
using MLEvents.Tests.Common.Fuzzing;

namespace MLEvents.Rules.Tests;

/// <summary>For all bytes, a parser returns a result or its documented error. It throws no other exception.</summary>
public sealed class RuleFuzzTests
{
    private static readonly byte[][] RuleFiles = [.. Directory.EnumerateFiles(Repository.PathOf("rules"), "*.yaml").Select(File.ReadAllBytes)];

    private static readonly byte[][] JobFiles =
    [
        .. Directory.EnumerateFiles(Repository.PathOf("rules", "jobs"), "*.yaml").Select(File.ReadAllBytes),
        """
            $schema: https://azuremlschemas.azureedge.net/latest/sweepJob.schema.json
            type: sweep
            sampling_algorithm: { type: random, seed: 3 }
            trial: { command: "python train.py --rate ${{search_space.rate}}", environment: azureml:train@latest, code: azureml:code:1 }
            search_space: { rate: { type: uniform, min_value: 0.1, max_value: 0.9 }, depth: { type: choice, values: [1, 2] } }
            objective: { primary_metric: auc, goal: maximize }
            inputs: { data: { type: uri_folder, path: azureml:data:1, mode: ro_mount }, epochs: 3, fast: true }
            limits: { max_total_trials: 4, timeout: 3600 }
            compute: azureml:cpu
            """u8.ToArray(),
    ];

    private static readonly string[] Keys = ["id", "subject", "eventType", "data", "data.n", "data.runTags.a", "data.modelName", "data.runTags", "data.missing.part", "drift.coefficient"];

    private static readonly string[] Filters =
    [
        "operatorType: NumberIn, values: [1, 2.5]", "operatorType: NumberNotIn, values: [1]", "operatorType: NumberLessThan, value: 1", "operatorType: NumberLessThanOrEquals, value: 1",
        "operatorType: NumberGreaterThan, value: 0.5", "operatorType: NumberGreaterThanOrEquals, value: 1", "operatorType: NumberInRange, values: [[-1, 1]]", "operatorType: NumberNotInRange, values: [[-1, 1]]",
        "operatorType: BoolEquals, value: true", "operatorType: IsNullOrUndefined", "operatorType: IsNotNull", "operatorType: StringIn, values: [b, m]", "operatorType: StringNotIn, values: [b]",
        "operatorType: StringContains, values: [e]", "operatorType: StringNotContains, values: [e]", "operatorType: StringBeginsWith, values: [exp, b]", "operatorType: StringNotBeginsWith, values: [exp]",
        "operatorType: StringEndsWith, values: [r, b]", "operatorType: StringNotEndsWith, values: [r]",
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rule_files()
    {
        using var folder = new TempFolder();
        await FuzzRun.RunAsync(
            RuleFiles,
            async file =>
            {
                var path = Path.Combine(folder.Path, "alerts.yaml");
                await File.WriteAllBytesAsync(path, file, Token);
                Load(() => RuleLoader.LoadAlerts(path));
                Load(() => RuleLoader.LoadRetraining(path));
                Load(() => RuleLoader.LoadDeployments(path));
            },
            Token);
    }

    [Fact]
    public async Task Filters_on_events()
    {
        using var folder = new TempFolder();
        var rules = RuleLoader.LoadAlerts(folder.Write("alerts.yaml", FilterRules()));
        await FuzzRun.RunAsync(
            FuzzCorpus.Events,
            body =>
            {
                foreach (var happened in Read(body))
                {
                    // The index and the explanation of each rule use different algorithms, and must find the same rules.
                    var explained = rules.Rules.Where(rule => rule.When.Explain(happened).Matched).Select(rule => rule.Name);
                    Assert.Equal(explained, rules.Matching(happened).Select(rule => rule.Name));
                }

                return Task.CompletedTask;
            },
            Token);
    }

    [Fact]
    public async Task Job_files()
    {
        using var folder = new TempFolder();
        var (job, rules) = (Path.Combine(folder.Path, "job.yaml"), Path.Combine(folder.Path, "retraining.yaml"));
        await File.WriteAllTextAsync(rules, "retraining:\n  - name: fuzz\n    when: { includedEventTypes: [DatasetDriftDetected] }\n    run: { job: job.yaml }\n", Token);
        await FuzzRun.RunAsync(
            JobFiles,
            async file =>
            {
                await File.WriteAllBytesAsync(job, file, Token);
                Load(() => RuleLoader.LoadRetraining(rules));
            },
            Token);
    }

    [Fact]
    public Task Templates_and_their_values() => FuzzRun.RunAsync(
        FuzzCorpus.Templates,
        template =>
        {
            try
            {
                Assert.True(WorkflowEvent.TryRead(JsonDocument.Parse(FuzzCorpus.Events[1]).RootElement, out var caused, out _));
                Assert.NotNull(Template.Parse(Encoding.UTF8.GetString(template), TemplateTarget.Text).Render(TemplateModel.For(caused)));
            }
            catch (TemplateException exception)
            {
                Assert.NotEmpty(exception.Message);
            }

            return Task.CompletedTask;
        },
        Token);

    private static IReadOnlyList<WorkflowEvent> Read(byte[] body)
    {
        try
        {
            return [.. EventReader.Read(body).Events.Select(envelope => envelope.ToWorkflowEvent())];
        }
        catch (Exception exception) when (exception is JsonException or NotAnEventBatchException)
        {
            return [];
        }
    }

    // One rule for each operator and key.
    private static string FilterRules()
    {
        var rules = new StringBuilder("alerts:\n");
        foreach (var (filter, number) in Filters.SelectMany(filter => Keys.Select(key => $"{{ key: {key}, {filter} }}")).Select((filter, number) => (filter, number)))
        {
            rules.AppendLine(CultureInfo.InvariantCulture, $"  - name: rule-{number}\n    when: {{ advancedFilters: [{filter}] }}\n    send: {{ channel: email, to: [ops@example.com], subject: x, text: x }}");
        }

        return rules.ToString();
    }

    private static void Load<T>(Func<T> load)
    {
        try
        {
            load();
        }
        catch (RuleFileException exception)
        {
            Assert.All(exception.Errors, error => Assert.NotEmpty(error.Message));
        }
    }
}
