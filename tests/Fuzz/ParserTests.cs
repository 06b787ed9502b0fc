using System.Text;
using System.Text.Json;

using MLEvents.Events;
using MLEvents.Events.Reading;
using MLEvents.Rules;
using MLEvents.Rules.Templates;
using MLEvents.Tests.Common;

namespace MLEvents.Fuzz;

/// <summary>Whatever bytes come, a parser reads them or says what is wrong; it throws nothing else.</summary>
public sealed class ParserTests
{
    private static readonly byte[][] Events =
    [
        """[{"id":"1","topic":"/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w","subject":"experiments/e/runs/r","eventType":"Microsoft.MachineLearningServices.RunCompleted","eventTime":"2026-11-01T00:00:00Z","data":{"runTags":{"a":"b"},"n":1.0},"dataVersion":"1.0"}]"""u8.ToArray(),
        """{"specversion":"1.0","id":"1","source":"/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w","type":"Microsoft.MachineLearningServices.ModelRegistered","time":"2026-11-01T00:00:00Z","data":{"modelName":"m"},"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}"""u8.ToArray(),
        """[{"specversion":"1.0","id":"1","source":"/s","type":"t","data_base64":"AAAA"},{"specversion":"1.0","id":"2","source":"/s","type":"t","datacontenttype":"text/plain","data":"x"}]"""u8.ToArray(),
    ];

    private static readonly byte[][] RuleFiles = [.. Directory.EnumerateFiles(Repository.PathOf("rules"), "*.yaml").Select(File.ReadAllBytes)];

    private static readonly byte[][] Templates =
    [
        "{{ data.modelName | upcase }} {% for tag in data.tags %}{{ tag[0] }}={{ tag[1] }}{% endfor %}"u8.ToArray(),
        "{% if data.driftCoefficient > 0.3 %}{{ data.driftCoefficient | round: 2 }}{% else %}{{ id | default: 'x' }}{% endif %}"u8.ToArray(),
        "{% assign a = subject | split: '/' %}{{ a | last | json }}{{ time | date: '%Y' }}"u8.ToArray(),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public Task Bodies_of_the_webhook() => FuzzRun.RunAsync(
        Events,
        body =>
        {
            try
            {
                foreach (var envelope in EventReader.Read(body).Events)
                {
                    // What was read must be what subscribers read.
                    Assert.True(WorkflowEvent.TryRead(JsonDocument.Parse(envelope.Json, JsonLimits.Document).RootElement, out _, out var error), error);
                }
            }
            catch (Exception exception) when (exception is JsonException or NotAnEventBatchException)
            {
                Assert.NotEmpty(exception.Message);
            }

            return Task.CompletedTask;
        },
        Token);

    [Fact]
    public Task Headers_of_cloud_events_in_binary_mode() => FuzzRun.RunAsync(
        [.. Templates, "1.0"u8.ToArray(), "Microsoft.MachineLearningServices.RunCompleted"u8.ToArray(), "2026-11-01T00:00:00Z"u8.ToArray()],
        value =>
        {
            var text = Encoding.Latin1.GetString(value);
            KeyValuePair<string, string>[] headers = [new("ce-specversion", "1.0"), new("ce-id", text), new("ce-source", text), new("ce-type", "t"), new("ce-time", text), new("ce-extra", text)];
            try
            {
                Assert.NotNull(BinaryModeReader.Read(headers, "application/json", "{}"u8.ToArray()));
            }
            catch (Exception exception) when (exception is JsonException or NotAnEventBatchException)
            {
                Assert.NotEmpty(exception.Message);
            }

            return Task.CompletedTask;
        },
        Token);

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
    public Task Templates_and_their_values() => FuzzRun.RunAsync(
        Templates,
        template =>
        {
            try
            {
                Assert.True(WorkflowEvent.TryRead(JsonDocument.Parse(Events[1]).RootElement, out var caused, out _));
                Assert.NotNull(Template.Parse(Encoding.UTF8.GetString(template), TemplateTarget.Text).Render(TemplateModel.For(caused)));
            }
            catch (TemplateException exception)
            {
                Assert.NotEmpty(exception.Message);
            }

            return Task.CompletedTask;
        },
        Token);

    [Fact]
    public Task Texts_that_are_redacted_for_logs() => FuzzRun.RunAsync(
        [.. Events, .. Templates, "https://user:password@host/path?sig=abc Authorization: Bearer abcdefghijklmnopqrst AccountKey=AAAA"u8.ToArray()],
        bytes =>
        {
            var once = Redaction.Scrub(Encoding.UTF8.GetString(bytes));
            Assert.Equal(once, Redaction.Scrub(once));
            return Task.CompletedTask;
        },
        Token);

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
