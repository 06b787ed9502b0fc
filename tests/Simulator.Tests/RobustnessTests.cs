using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

using Microsoft.AspNetCore.Http;

using MLEvents.Local.Simulator.Primitives;

using static MLEvents.Local.Simulator.Tests.RunningSimulator;

namespace MLEvents.Local.Simulator.Tests;

/// <summary>Invalid input and faulty clients or webhooks neither stop the simulator nor delay its shutdown.</summary>
public sealed class RobustnessTests
{
    [Theory]
    [InlineData("GET", "/timeline?after=0&wait=2m", null)]
    [InlineData("POST", "/hooks/teams", """{"operation":"Hooks_Receive","kind":"timeout"}""")]
    [InlineData("POST", "/hooks/teams", """{"operation":"Hooks_Receive","kind":"delay","delay":"1m"}""")]
    public async Task Waiting_requests_do_not_delay_the_shutdown(string method, string path, string? fault)
    {
        var simulator = await StartAsync();
        if (fault is not null)
        {
            await FaultTests.FaultAsync(simulator, fault);
        }

        var waiting = SendAsync(new UriBuilder(simulator.Client.BaseAddress ?? new("http://localhost")) { Path = path.Split('?')[0], Query = path.Split('?').ElementAtOrDefault(1) }.Uri, method);
        await simulator.GetAsync("/healthz");
        var began = Stopwatch.GetTimestamp();
        await simulator.DisposeAsync();

        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 0, 3);
        await waiting;
    }

    [Fact]
    public async Task Events_with_values_that_are_invalid_in_headers_are_delivered()
    {
        await using var simulator = await StartAsync();
        await using var webhook = await FakeWebhook.StartAsync();
        await webhook.SubscribeAsync(simulator);

        for (var number = 0; number < 10; number++)
        {
            await simulator.PostAsync("/simulate/events", $$$"""{"id":"é{{{number}}}","eventType":"Microsoft.MachineLearningServices.RunCompleted","dataVersion":"1\n2","data":{}}""");
        }

        await webhook.UntilAsync(events => events.Count == 10);
        Assert.All(webhook.Deliveries, delivery => Assert.DoesNotContain("aeg-data-version", delivery.Headers.Keys));
    }

    [Fact]
    public async Task A_webhook_answer_can_be_long_and_have_an_unknown_charset()
    {
        await using var simulator = await StartAsync();
        await using var webhook = await FakeWebhook.StartAsync();
        webhook.OnValidation = (http, code) =>
        {
            http.Response.ContentType = "application/json; charset=nonsense";
            return http.Response.WriteAsync($$"""{"validationResponse":"{{code}}"}""");
        };
        webhook.OnDelivery = (http, _) => http.Response.WriteAsync(new string('x', 200_000));

        var subscription = await webhook.SubscribeAsync(simulator);
        await simulator.PostAsync("/simulate/drift");
        var state = await simulator.UntilAsync("/state", found => (int?)found["subscriptions"]?[0]?["deliveries"]?["delivered"] == 1);

        Assert.Equal("Succeeded", (string?)subscription["properties"]?["provisioningState"]);
        Assert.Equal(0, (int?)state["subscriptions"]?[0]?["deliveries"]?["failed"]);
    }

    [Fact]
    public async Task A_validation_answer_with_a_duplicate_name_does_not_complete_the_handshake()
    {
        await using var simulator = await StartAsync();
        await using var webhook = await FakeWebhook.StartAsync();
        webhook.OnValidation = (http, code) => http.Response.WriteAsync($$"""{"validationResponse":"{{code}}","a":1,"a":2}""");

        var subscription = await webhook.SubscribeAsync(simulator);

        Assert.Equal("AwaitingManualAction", (string?)subscription["properties"]?["provisioningState"]);
    }

    [Theory]
    [InlineData("PUT", Workspace + "/jobs/one", """{"properties":{"jobType":"Pipeline","tags":{},"tags":{}}}""")]
    [InlineData("POST", "/simulate/events", """{"id":"1","id":"2"}""")]
    [InlineData("POST", "/faults", """{"kind":"delay","delay":"1000000h"}""")]
    [InlineData("POST", "/faults", "null")]
    [InlineData("POST", "/faults", "{")]
    public async Task Bad_bodies_are_refused_with_400(string method, string path, string body)
    {
        await using var simulator = await StartAsync();

        using var response = await simulator.SendAsync(new HttpMethod(method), path, body);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Theory]
    [InlineData("/simulate/drift", HttpStatusCode.Accepted)]
    [InlineData("/simulate/monitor-breach", HttpStatusCode.Accepted)]
    [InlineData("/nowhere", HttpStatusCode.NotFound)]
    public async Task A_command_needs_no_body_and_an_unknown_path_gets_a_JSON_error(string path, HttpStatusCode status)
    {
        await using var simulator = await StartAsync();

        using var response = await simulator.PostAsync(path);

        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public void The_oldest_items_are_removed_above_the_limits()
    {
        var recent = new BoundedQueue<string>(3, 10, item => item.Length);

        string[] Add(string item)
        {
            recent.Add(item);
            return [.. recent.Items];
        }

        Add("a");
        Add("b");
        Add("c");
        Assert.Equal(["b", "c", "d"], Add("d"));
        Assert.Equal(["d", "123456789"], Add("123456789"));
        Assert.Equal(["larger than all"], Add("larger than all"));
        Assert.Equal(["e"], Add("e"));
    }

    [Fact]
    public async Task The_program_reports_in_one_line_that_the_mail_port_is_in_use()
    {
        using var busy = new TcpListener(IPAddress.Loopback, 0);
        busy.Start();
        await using var error = new StringWriter();

        var exitCode = await SimulatorProgram.RunAsync(
            ["--urls", "http://127.0.0.1:0", "--Simulator:SmtpPort", $"{((IPEndPoint)busy.LocalEndpoint).Port}", "--Logging:LogLevel:Default", "None"], error);

        Assert.Equal(1, exitCode);
        Assert.Contains("Set Simulator:SmtpPort", Assert.Single(error.ToString().TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_program_reports_in_one_line_that_a_setting_has_an_unreadable_value()
    {
        await using var error = new StringWriter();

        var exitCode = await SimulatorProgram.RunAsync(["--urls", "http://127.0.0.1:0", "--Simulator:SmtpPort", "many", "--Logging:LogLevel:Default", "None"], error);

        Assert.Equal(1, exitCode);
        Assert.Contains("Simulator:SmtpPort", Assert.Single(error.ToString().TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Behind_a_proxy_returned_addresses_point_to_the_proxy()
    {
        await using var simulator = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Put, Workspace + "/onlineEndpoints/churn?api-version=2024-04-01") { Content = new StringContent(Bodies.Endpoint) };
        request.Headers.Add("X-Forwarded-Host", "azure.example.com");
        request.Headers.Add("X-Forwarded-Proto", "https");

        using var response = await simulator.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.StartsWith("https://azure.example.com/subscriptions/", response.Headers.GetValues("Azure-AsyncOperation").Single(), StringComparison.Ordinal);
    }

    private static async Task SendAsync(Uri address, string method)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(new HttpMethod(method), address);
        await Record.ExceptionAsync(() => client.SendAsync(request, TestContext.Current.CancellationToken));
    }
}
