using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

using static MLEvents.Local.Simulator.Tests.ChurnEndpoint;
using static MLEvents.Local.Simulator.Tests.RunningSimulator;

namespace MLEvents.Local.Simulator.Tests;

public sealed class ScoringTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Only_the_keys_of_the_endpoint_are_accepted()
    {
        await using var simulator = await StartAsync();
        await DeployAsync(simulator, "blue");
        var keys = await KeysAsync(simulator);

        Assert.Equal(HttpStatusCode.Unauthorized, (await ScoreAsync(simulator, "wrong", "blue")).Status);
        Assert.Equal(HttpStatusCode.OK, (await ScoreAsync(simulator, keys.Primary, "blue")).Status);
        Assert.Equal(HttpStatusCode.OK, (await ScoreAsync(simulator, keys.Secondary, "blue")).Status);
    }

    [Theory]
    [InlineData("churn/blue")]
    [InlineData("churn:1")]
    [InlineData("churn")]
    public async Task A_deployment_gives_the_answer_that_is_set_for_it_or_for_its_model(string target)
    {
        await using var simulator = await StartAsync();
        await DeployAsync(simulator, "blue");
        await PostAsync(simulator, "/simulate/scoring", $$"""{"target":"{{target}}","answer":[{"score":0.7}],"latency":"1ms"}""");

        var (status, body) = await ScoreAsync(simulator, (await KeysAsync(simulator)).Primary, "blue");

        Assert.Equal((HttpStatusCode.OK, """[{"score":0.7}]"""), (status, body));
    }

    [Fact]
    public async Task The_properties_of_a_model_set_its_behavior()
    {
        await using var simulator = await StartAsync();
        await simulator.PutAsync(Workspace + "/models/churn/versions/1", """
            {"properties":{"modelType":"mlflow_model","modelUri":"azureml://m","properties":{"simulator.failureRate":"1","simulator.failureStatus":"500","simulator.metrics.RequestLatency_P95":"900","simulator.metrics.requestlatency_p95":"800"}}}
            """);
        await DeployAsync(simulator, "blue", registers: false);

        var (status, _) = await ScoreAsync(simulator, (await KeysAsync(simulator)).Primary, "blue");
        var metrics = await simulator.ReadAsync(Metrics("RequestLatency_P95", "&$filter=deployment eq 'blue'"));

        Assert.Equal(HttpStatusCode.InternalServerError, status);
        Assert.Equal(900, (double?)Series(metrics).Single()?["data"]?[0]?["average"]);
    }

    [Theory]
    [InlineData("azureml://registries/contoso/models/")]
    [InlineData(Group + "/providers/Microsoft.MachineLearningServices/registries/contoso/models/")]
    public async Task The_properties_of_a_model_of_a_registry_set_its_behavior(string models)
    {
        await using var simulator = await StartAsync();
        await simulator.PutAsync(OfRegistry("1"), """
            {"properties":{"modelType":"mlflow_model","modelUri":"azureml://m","properties":{"simulator.failureRate":"1","simulator.failureStatus":"500"}}}
            """);
        await simulator.PutAsync(Endpoint, Bodies.Endpoint);
        await simulator.UntilAsync(Endpoint, found => State(found) == "Succeeded");
        await simulator.PutAsync(Blue, Bodies.Deployment().Replace(Workspace + "/models/", models, StringComparison.Ordinal));
        await simulator.UntilAsync(Blue, found => State(found) == "Succeeded");

        var (status, _) = await ScoreAsync(simulator, (await KeysAsync(simulator)).Primary, "blue");

        Assert.Equal(HttpStatusCode.InternalServerError, status);
    }

    [Fact]
    public async Task A_model_of_a_registry_with_an_invalid_property_of_the_simulator_is_rejected()
    {
        await using var simulator = await StartAsync();

        using var created = await simulator.PutAsync(OfRegistry("2"), """{"properties":{"modelUri":"azureml://m","properties":{"simulator.failureRate":"2"}}}""");
        using var read = await simulator.GetAsync(OfRegistry("2"));

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.NotFound), (created.StatusCode, read.StatusCode));
    }

    [Theory]
    [InlineData("latency", "\"soon\"", "a duration such as 500ms or 2s")]
    [InlineData("failureRate", "\"2\"", "a number from 0 to 1")]
    [InlineData("failureRate", "\"NaN\"", "a number from 0 to 1")]
    [InlineData("failureRate", "1", "a number from 0 to 1, as a string")]
    [InlineData("failureStatus", "\"200\"", "an integer from 400 to 599")]
    [InlineData("fromTraffic", "\"101\"", "an integer from 0 to 100")]
    [InlineData("noMetrics", "\"yes\"", "true or false")]
    [InlineData("metrics.RequestLatency_P95", "\"high\"", "a number")]
    public async Task A_model_with_an_invalid_property_of_the_simulator_is_rejected(string name, string value, string expected)
    {
        await using var simulator = await StartAsync();
        const string path = Workspace + "/models/churn/versions/1";

        using var created = await simulator.PutAsync(path, $$$"""{ "properties": { "modelUri": "azureml://m", "properties": { "simulator.{{{name}}}": {{{value}}} } } }""");
        using var read = await simulator.GetAsync(path);

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.NotFound), (created.StatusCode, read.StatusCode));
        Assert.Contains($"'simulator.{name}' of the model is {value}; expected {expected}", Message(await created.JsonAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_update_of_a_model_with_an_invalid_property_of_the_simulator_is_rejected()
    {
        await using var simulator = await StartAsync();
        const string path = Workspace + "/models/churn/versions/1";
        await simulator.PutAsync(path, Bodies.Model);

        using var updated = await simulator.PutAsync(path, """{"properties":{"properties":{"simulator.failureStatus":"200"}}}""");

        Assert.Equal(HttpStatusCode.BadRequest, updated.StatusCode);
        Assert.Null((await simulator.ReadAsync(path))["properties"]?["properties"]?["simulator.failureStatus"]);
    }

    [Fact]
    public async Task A_behavior_with_fromTraffic_begins_at_this_percentage_of_the_traffic()
    {
        await using var simulator = await StartAsync();
        await DeployAsync(simulator, "blue");
        await DeployAsync(simulator, "green");
        await PostAsync(simulator, "/simulate/scoring", """{"target":"churn/green","failureRate":1,"fromTraffic":50}""");
        var key = (await KeysAsync(simulator)).Primary;

        await ShiftAsync(simulator, """{"blue":90,"green":10}""");
        var before = await ScoreAsync(simulator, key, "green");
        await ShiftAsync(simulator, """{"blue":50,"green":50}""");
        var after = await ScoreAsync(simulator, key, "green");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.FailedDependency), (before.Status, after.Status));
    }

    [Fact]
    public async Task Live_traffic_follows_the_percentages_and_is_mirrored_and_becomes_metrics()
    {
        await using var simulator = await StartAsync();
        await DeployAsync(simulator, "blue");
        await DeployAsync(simulator, "green");
        await DeployAsync(simulator, "red");
        await PostAsync(simulator, "/simulate/scoring", """{"target":"churn/green","failureRate":1,"latency":"40ms"}""");
        await ShiftAsync(simulator, """{"blue":50,"green":50}""", """{"red":50}""");
        await PostAsync(simulator, "/simulate/traffic", """{"endpoint":"churn","requestsPerMinute":60000}""");

        var requests = await simulator.UntilAsync(Metrics("RequestsPerMinute", "&$filter=deployment eq '*' and statusCodeClass eq '*'&aggregation=Total"), found => Series(found).Count == 3);
        var latency = await simulator.ReadAsync(Metrics("RequestLatency_P95", "&$filter=deployment eq 'green'"));
        var total = await simulator.ReadAsync(Metrics("RequestsPerMinute", "&aggregation=Total"));

        Assert.Equal(["blue 2xx", "green 4xx", "red 2xx"], Series(requests).Select(series => $"{series?["metadatavalues"]?[0]?["value"]} {series?["metadatavalues"]?[1]?["value"]}").Order());
        Assert.Equal(40, (double?)Series(latency).Single()?["data"]?[0]?["average"]);
        Assert.Empty(Series(total).Single()?["metadatavalues"]?.AsArray() ?? [null]);
    }

    [Fact]
    public async Task Metrics_are_empty_without_requests_or_when_they_are_hidden()
    {
        await using var simulator = await StartAsync();
        await DeployAsync(simulator, "blue");

        var unused = await simulator.ReadAsync(Metrics("RequestsPerMinute"));
        await ScoreAsync(simulator, (await KeysAsync(simulator)).Primary, "blue");
        var used = await simulator.ReadAsync(Metrics("RequestsPerMinute"));
        await PostAsync(simulator, "/simulate/scoring", """{"target":"churn/blue","noMetrics":true}""");
        var hidden = await simulator.ReadAsync(Metrics("RequestsPerMinute"));

        Assert.Equal([0, 1, 0], new[] { unused, used, hidden }.Select(found => Series(found).Count));
    }

    [Theory]
    [InlineData("before", 0)]
    [InlineData("after", 1)]
    public async Task A_request_can_fail_before_or_after_it_is_served(string when, int served)
    {
        await using var simulator = await StartAsync();
        await DeployAsync(simulator, "blue");
        await FaultTests.FaultAsync(simulator, $$"""{"operation":"Score","status":503,"when":"{{when}}","count":1}""");

        var (status, _) = await ScoreAsync(simulator, (await KeysAsync(simulator)).Primary, "blue");
        var metrics = await simulator.ReadAsync(Metrics("RequestsPerMinute"));

        Assert.Equal((HttpStatusCode.ServiceUnavailable, served), (status, Series(metrics).Count));
    }

    [Fact]
    public async Task A_deployment_has_metrics_of_its_instances()
    {
        await using var simulator = await StartAsync();
        await DeployAsync(simulator, "blue");

        var metrics = await simulator.ReadAsync($"{Endpoint}/deployments/blue/providers/microsoft.insights/metrics?api-version=2023-10-01&metricnames=CpuUtilizationPercentage,DeploymentCapacity");

        Assert.Equal(["Percent", "Count"], metrics["value"]?.AsArray().Select(metric => (string?)metric?["unit"]) ?? []);
        Assert.NotNull(metrics["value"]?[0]?["timeseries"]?[0]?["data"]?[0]?["average"]);
    }

    [Theory]
    [InlineData("Unknown", "", "Valid metrics: RequestLatency,")]
    [InlineData("RequestLatency", "&interval=PT2M", "Invalid time grain 'PT2M'")]
    [InlineData("RequestLatency", "&aggregation=Median", "Invalid aggregation 'median'")]
    [InlineData("RequestLatency", "&timespan=2026-01-02T00:00:00Z/2026-01-01T00:00:00Z", "Invalid timespan")]
    [InlineData("RequestLatency", "&$filter=statusCodeClass eq '5xx'", "does not support requested dimension combination: statusCodeClass")]
    [InlineData("RequestLatency", "&$filter=deployment ne 'blue'", "Invalid filter")]
    public async Task An_invalid_query_of_metrics_is_rejected(string metric, string more, string message)
    {
        await using var simulator = await StartAsync();
        await DeployAsync(simulator, "blue");

        using var response = await simulator.GetAsync(Metrics(metric, more));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(message, (string?)(await response.JsonAsync())["error"]?["message"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/simulate/scoring", "{}", "'target' is required")]
    [InlineData("/simulate/scoring", """{"target":"a","failureRate":2}""", "'failureRate'")]
    [InlineData("/simulate/scoring", """{"target":"a","failureStatus":200}""", "'failureStatus'")]
    [InlineData("/simulate/scoring", """{"target":"a","fromTraffic":101}""", "'fromTraffic'")]
    [InlineData("/simulate/scoring", """{"target":"a","latency":"soon"}""", "'latency'")]
    [InlineData("/simulate/scoring", """{"target":"a","metrics":{"m":1,"M":2}}""", "'metrics'")]
    [InlineData("/simulate/traffic", """{"endpoint":"a","requestsPerMinute":-1}""", "'requestsPerMinute'")]
    public async Task An_invalid_setting_is_rejected(string path, string body, string message)
    {
        await using var simulator = await StartAsync();

        using var response = await simulator.PostAsync(path, body);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(message, (string?)(await response.JsonAsync())["detail"], StringComparison.Ordinal);
    }

    private static string? Message(JsonNode answer) => (string?)answer["error"]?["message"];

    private static string Metrics(string name, string more = "") => $"{Endpoint}/providers/microsoft.insights/metrics?api-version=2023-10-01&metricnames={name}{more}";

    private static JsonArray Series(JsonNode metrics) => metrics["value"]?[0]?["timeseries"]?.AsArray() ?? [];

    private static string OfRegistry(string version) => Workspace.Replace("/workspaces/ml-local", "/registries/contoso", StringComparison.Ordinal) + "/models/churn/versions/" + version;

    private static async Task<(string Primary, string Secondary)> KeysAsync(RunningSimulator simulator)
    {
        using var response = await simulator.PostAsync(Endpoint + "/listKeys");
        var keys = await response.JsonAsync();
        return ((string?)keys["primaryKey"] ?? "", (string?)keys["secondaryKey"] ?? "");
    }

    private static async Task<(HttpStatusCode Status, string Body)> ScoreAsync(RunningSimulator simulator, string key, string deployment)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/score/churn", UriKind.Relative)) { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        request.Headers.Add("azureml-model-deployment", deployment);
        using var response = await simulator.Client.SendAsync(request, Token);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Token));
    }

    private static async Task PostAsync(RunningSimulator simulator, string path, string body)
    {
        using var response = await simulator.PostAsync(path, body);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
    }

    private static async Task ShiftAsync(RunningSimulator simulator, string traffic, string mirror = "{}")
    {
        await simulator.PutAsync(Endpoint, $$$"""{"location":"westeurope","properties":{"authMode":"Key","traffic":{{{traffic}}},"mirrorTraffic":{{{mirror}}}}}""");
        await simulator.UntilAsync(Endpoint, found => State(found) == "Succeeded");
    }
}
