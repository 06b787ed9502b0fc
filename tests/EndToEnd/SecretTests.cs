using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

using MLEvents.EndToEnd.Running;
using MLEvents.Tests.Common;

namespace MLEvents.EndToEnd;

/// <summary>Searches all outputs for secrets. The host is one process, and each sidecar is a separate process.</summary>
public sealed partial class SecretTests : IAsyncLifetime
{
    private const string WebhookKey = "canary-webhook-key-71c2";
    private const string RefusedKey = "canary-refused-key-71c2";
    private const string OperatorToken = "canary-operator-token-71c2";
    private const string BindingSecret = "canary-binding-secret-71c2";
    private const int Dashboard = 4;
    private const string BindingError = "error invoking output binding webhook";
    private const string Payload = "canary-payload-71c2";
    private static readonly string[] Kinds = ["/events/", "/actions/", "/chain?", "/quarantine/", "/rules/", "/storm", "/models", "/approvals"];
    private static readonly string[] Keys = [WebhookKey, RefusedKey, OperatorToken, BindingSecret];

    private readonly TempFolder _folder = new();
    private TelemetryCollector? _collector;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private TelemetryCollector Collector => _collector ?? throw new InvalidOperationException("The collector is not started.");

    private string Data => Path.Combine(_folder.Path, "data");

    public async ValueTask InitializeAsync() => _collector = await TelemetryCollector.StartAsync(Token);

    public async ValueTask DisposeAsync()
    {
        if (_collector is not null)
        {
            await _collector.DisposeAsync();
        }

        _folder.Dispose();
    }

    [Fact]
    public async Task No_secret_is_in_any_output_and_no_payload_is_in_a_log_trace_or_metric()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("DAPRD") is { Length: > 0 }, "The component files are for the embedded sidecar.");
        await using var host = await StartAsync();

        var answers = await PlayAsync(host);
        await host.InterruptAsync(Token);
        await host.ExitAsync(TimeSpan.FromSeconds(30), Token);

        var printed = host.Output.All.Concat(host.Errors.All).ToList();
        var logs = Directory.EnumerateFiles(Path.Combine(Data, "logs")).ToDictionary(file => file, File.ReadAllText);
        Assert.Contains(logs.Keys, file => file.EndsWith("notifier-sidecar.log", StringComparison.Ordinal));
        Assert.Contains(Collector.Exported, body => body.Contains("mlevents", StringComparison.OrdinalIgnoreCase));
        AssertWithout([.. Keys, Payload], [.. printed, .. logs.Values, .. Collector.Exported]);
        AssertWithout(Keys, answers);
        AssertWithout(Keys, Directory.EnumerateFiles(Data, "*", SearchOption.AllDirectories).Select(file => $"{file} {Encoding.Latin1.GetString(File.ReadAllBytes(file))}"));
    }

    private static void AssertWithout(IEnumerable<string> secrets, IEnumerable<string> outputs) =>
        Assert.All(outputs, output => Assert.All(secrets, secret => Assert.False(output.Contains(secret, StringComparison.Ordinal), $"{secret} is in {output[..Math.Min(output.Length, 200)]}…")));

    private async Task<LocalHost> StartAsync()
    {
        foreach (var file in Directory.EnumerateFiles(Repository.PathOf("components", "embedded")))
        {
            _folder.Write(Path.Combine("components", Path.GetFileName(file)), (await File.ReadAllTextAsync(file, Token)).Replace("GENERIC_WEBHOOK_URL", "CANARY_WEBHOOK_URL", StringComparison.Ordinal));
        }

        _folder.Write("rules/alerts.yaml", """
            alerts:
              - { name: mailed, when: { includedEventTypes: [RunCompleted] }, send: { channel: email, to: [ml-team@example.com] } }
              - { name: posted, when: { includedEventTypes: [RunCompleted] }, send: { channel: webhook, body: '{"run": "{{ data.runId }}"}' } }
            """);
        var sidecar = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "Sidecar", new DirectoryInfo(AppContext.BaseDirectory).Name, "MLEvents.Local.Sidecar"));
        return await LocalHost.StartReadyOnAsync(
            sidecar,
            Data,
            new Dictionary<string, string>(Collector.Settings)
            {
                ["Ingress__Keys__0"] = IngressClient.Key,
                ["Ingress__Keys__1"] = WebhookKey,
                ["Operations__Token"] = OperatorToken,

                // No program listens on this port, so the call fails. The error of the binding contains the address.
                ["CANARY_WEBHOOK_URL"] = $"http://user:{BindingSecret}@127.0.0.1:9/hooks/{BindingSecret}?sig={BindingSecret}",
            },
            Token,
            "--components",
            Path.Combine(_folder.Path, "components"),
            "--rules",
            Path.Combine(_folder.Path, "rules"));
    }

    // Sends an event that starts two actions, an event that is quarantined, and an event with a refused key. Returns the answer to the refused request, and the answers
    // and pages that operators see.
    private static async Task<IReadOnlyList<string>> PlayAsync(LocalHost host)
    {
        var completed = Events.Create("RunCompleted", "experiments/1/runs/run-1", new() { ["runId"] = "run-1", ["runTags"] = new JsonObject { ["password"] = Payload } });
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(host, new JsonArray(completed), WebhookKey)).Status);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(host, new JsonArray(new JsonObject { ["password"] = Payload }), WebhookKey)).Status);
        var refused = await PostAsync(host, new JsonArray(completed.DeepClone()), RefusedKey);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.Status);
        await host.Simulator.MailAsync(completed.Id(), Token);

        using var http = new HttpClient();
        http.DefaultRequestHeaders.Add("x-api-key", OperatorToken);
        var actions = await Poll.UntilAsync(
            async token => await http.GetStringAsync(host.Service(1, "/actions"), token), list => list.Contains(BindingError, StringComparison.Ordinal), Token);
        var ids = JsonNode.Parse(actions)?["items"]?.AsArray().Select(item => $"{item?["id"]}") ?? [];
        List<string> answers = [refused.Body, actions, await http.GetStringAsync(host.Service(0, "/quarantine"), Token)];
        foreach (var id in ids)
        {
            answers.Add(await http.GetStringAsync(host.Service(1, $"/actions/{id}"), Token));
        }

        for (var service = 0; service < 5; service++)
        {
            // The dashboard answers 503 until its database is ready.
            using var health = await http.GetAsync(host.Service(service, "/health"), Token);
            answers.Add(await health.Content.ReadAsStringAsync(Token));
        }

        return [.. answers, .. await ReadPagesAsync(host, completed.Id(), actions)];
    }

    // Waits until the dashboard shows the failed action, and then reads all linked pages and the exports.
    private static async Task<IReadOnlyList<string>> ReadPagesAsync(LocalHost host, string chain, string actions)
    {
        using var http = new HttpClient();
        var failed = $"{JsonNode.Parse(actions)?["items"]?.AsArray().First(item => item?.ToJsonString().Contains(BindingError, StringComparison.Ordinal) == true)?["id"]}";
        var page = await Poll.UntilAsync(
            async token =>
            {
                using var response = await http.GetAsync(host.Service(Dashboard, $"/actions/{failed}"), token);
                return await response.Content.ReadAsStringAsync(token);
            },
            page => page.Contains(BindingError, StringComparison.Ordinal),
            Token);
        var read = new Dictionary<string, string>();
        var open = new Queue<string>(["/", "/audit", "/playground", $"/chain/json?id={chain}", $"/chain/svg?id={chain}", .. Links(page)]);
        while (open.TryDequeue(out var path))
        {
            if (!read.ContainsKey(path))
            {
                read.Add(path, await http.GetStringAsync(host.Service(Dashboard, path), Token));
                Links(read[path]).ToList().ForEach(open.Enqueue);
            }
        }

        Assert.All(Kinds, kind => Assert.Contains(read.Keys, path => path.StartsWith(kind, StringComparison.Ordinal)));
        Assert.Contains(failed, read[$"/chain/json?id={chain}"], StringComparison.Ordinal);
        return [page, .. read.Values];
    }

    private static IEnumerable<string> Links(string page) => Link().Matches(page).Select(link => WebUtility.HtmlDecode(link.Groups[1].Value)).Where(path => !path.StartsWith("/signout", StringComparison.Ordinal));

    [GeneratedRegex("<a[^>]* href=\"(/[^\"#]*)")]
    private static partial Regex Link();

    private static Task<WebhookAnswer> PostAsync(LocalHost host, JsonArray events, string key) => host.Ingress.PostAsync(events.ToJsonString(), "application/json", Token, key);
}
