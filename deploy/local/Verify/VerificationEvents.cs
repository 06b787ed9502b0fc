using System.Globalization;
using System.Text.Json.Nodes;

using MLEvents.Events;
using MLEvents.Local.Simulator.Client;

namespace MLEvents.Local.Verify;

/// <summary>The events of a verification run and the actions that they must cause.</summary>
/// <param name="Deliveries">The batches, in the order of their delivery. They contain each event once or twice, in random order.</param>
/// <param name="Models">The names of the models that must be registered before their events are delivered.</param>
/// <param name="Expected">The expected number of actions.</param>
internal sealed record VerificationEvents(IReadOnlyList<JsonArray> Deliveries, IReadOnlyList<string> Models, Expectation Expected)
{
    private const int MaxBatch = 20;
    private const double Repeated = 0.2;
    private static readonly (string Kind, int Weight)[] Kinds = [("quiet", 60), ("churn", 20), ("sales", 10), ("model", 10)];

    /// <summary>Creates the events of a seed.</summary>
    public static VerificationEvents Generate(VerificationOptions options)
    {
        var random = new Random(options.Seed);
        var kinds = Enumerable.Range(0, options.Events).Select(_ => Draw(random)).ToList();
        var events = kinds.Select((kind, number) => Create(options.Seed, kind, number)).ToList();
        List<JsonObject> all = [.. events, .. events.Where(_ => random.NextDouble() < Repeated)];
        var disorder = all.ToArray();
        random.Shuffle(disorder);
        int Count(string kind) => kinds.Count(one => one == kind);
        return new(
            [.. Batches(disorder, random)],
            [.. kinds.Select((kind, number) => (kind, number)).Where(one => one.kind == "model").Select(one => ModelName(one.number))],
            new(Mails: options.Events - Count("model"), Jobs: Count("churn"), FactoryRuns: Count("sales"), Deployments: Count("model")));
    }

    /// <summary>Creates events that each cause one mail and nothing else, in order and in batches of a given size.</summary>
    public static IReadOnlyList<JsonArray> Mails(int events, int batch) =>
        [.. Enumerable.Range(0, events).Chunk(batch).Select(numbers => new JsonArray([.. numbers.Select(number => Create(0, Kinds[0].Kind, number))]))];

    /// <summary>Creates the event of a registered model version.</summary>
    public static JsonObject ModelRegistered(int seed, string model, int version) =>
        Envelope(string.Create(CultureInfo.InvariantCulture, $"verify-{seed}-{model}-{version}"), EventTypes.ModelRegistered, $"models/{model}:{Text(version)}", new() { ["modelName"] = model, ["modelVersion"] = version });

    /// <summary>Creates the drift events of two monitors, in turn.</summary>
    public static IReadOnlyList<JsonObject> Storm(int seed, int events) =>
        [.. Enumerable.Range(0, events).Select(number => Drift(seed, number % 2 == 0 ? "churn" : "sales", number))];

    private static string Draw(Random random)
    {
        var point = random.Next(Kinds.Sum(kind => kind.Weight));
        foreach (var (kind, weight) in Kinds)
        {
            point -= weight;
            if (point < 0)
            {
                return kind;
            }
        }

        return Kinds[0].Kind;
    }

    private static JsonObject Create(int seed, string kind, int number) => kind == "model"
        ? Envelope(Id(seed, number), EventTypes.ModelRegistered, $"models/{ModelName(number)}:1", new() { ["modelName"] = ModelName(number), ["modelVersion"] = 1 })
        : Drift(seed, $"{kind}-{number}", number);

    private static JsonObject Drift(int seed, string monitor, int number) => Envelope(Id(seed, number), EventTypes.DatasetDriftDetected, $"datadrift/{number}/run/{number}", new()
    {
        ["dataDriftName"] = monitor,
        ["dataDriftId"] = Text(number),
        ["runId"] = Text(number),
        ["targetDatasetId"] = Text(number),
        ["driftCoefficient"] = 0.74,
    });

    private static JsonObject Envelope(string id, string type, string subject, JsonObject data) => new()
    {
        ["topic"] = SimulatorClient.Workspace,
        ["subject"] = subject,
        ["eventType"] = type,
        ["eventTime"] = "2026-01-02T03:04:05.6789012Z",
        ["id"] = id,
        ["data"] = data,
        ["dataVersion"] = "2",
        ["metadataVersion"] = "1",
    };

    private static IEnumerable<JsonArray> Batches(JsonObject[] events, Random random)
    {
        for (var next = 0; next < events.Length;)
        {
            var size = Math.Min(random.Next(1, MaxBatch + 1), events.Length - next);
            yield return [.. events.AsSpan(next, size).ToArray().Select(one => one.DeepClone())];
            next += size;
        }
    }

    private static string Id(int seed, int number) => string.Create(CultureInfo.InvariantCulture, $"verify-{seed}-{number}");

    private static string ModelName(int number) => $"verify-{Text(number)}";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The expected number of actions of each kind.</summary>
internal sealed record Expectation(int Mails, int Jobs, int FactoryRuns, int Deployments);
