using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Http;

using MLEvents.Cli.Tests.Rules;
using MLEvents.Tests.Common;

namespace MLEvents.Cli.Tests.Sending;

public sealed class SendTests : IDisposable
{
    private const string CloudEvent = """{"specversion":"1.0","id":"c","source":"/s","type":"t"}""";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Events_are_sent_in_batches_with_event_grid_s_headers()
    {
        await using var receiver = await Receiver.StartAsync((_, _) => Task.CompletedTask);
        var file = _folder.Write("e.ndjson", string.Join('\n', Enumerable.Range(0, 5).Select(n => Sample.Event("RunCompleted", "{}", $"e{n}"))));

        var (code, output, error) = await CliRun.StartAsync("send", file, "--to", receiver.Address, "--key", "secret", "--batch", "2");

        Assert.Equal((0, "", "5 events sent in 3 requests"), (code, error, output.Trim()));
        Assert.Equal([2, 2, 1], receiver.Requests.Select(request => JsonNode.Parse(request.Body)?.AsArray().Count ?? 0));
        Assert.All(receiver.Requests, request =>
        {
            Assert.StartsWith("application/json", request.ContentType, StringComparison.Ordinal);
            Assert.Equal(("Notification", "0", "1", "1", "secret"), (request.Headers["aeg-event-type"], request.Headers["aeg-delivery-count"], request.Headers["aeg-metadata-version"], request.Headers["aeg-data-version"], request.Headers["x-webhook-key"]));
            Assert.True(request.Headers.ContainsKey("Content-Length"));
        });
    }

    [Theory]
    [InlineData("1", "application/cloudevents+json", '{')]
    [InlineData("9", "application/cloudevents-batch+json", '[')]
    public async Task Cloud_events_are_sent_with_their_own_content_types(string batch, string contentType, char begins)
    {
        await using var receiver = await Receiver.StartAsync((_, _) => Task.CompletedTask);

        var (code, _, _) = await CliRun.StartAsync("send", _folder.Write("e.json", $"[{CloudEvent},{CloudEvent}]"), "--to", receiver.Address, "--batch", batch);

        Assert.Equal(0, code);
        Assert.All(receiver.Requests, request => Assert.StartsWith(contentType, request.ContentType, StringComparison.Ordinal));
        Assert.All(receiver.Requests, request => Assert.Equal(begins, request.Body[0]));
    }

    [Fact]
    public async Task Schemas_are_never_mixed_in_a_request()
    {
        await using var receiver = await Receiver.StartAsync((_, _) => Task.CompletedTask);

        await CliRun.StartAsync("send", _folder.Write("e.json", $"[{CloudEvent},{Sample.Event("RunCompleted", "{}")}]"), "--to", receiver.Address, "--batch", "10");

        Assert.Equal(["application/cloudevents+json", "application/json"], receiver.Requests.Select(request => request.ContentType.Split(';')[0]));
    }

    [Fact]
    public async Task In_event_grid_s_schema_the_handshake_precedes_the_events()
    {
        await using var receiver = await Receiver.StartAsync((context, body) => context.Request.Headers["aeg-event-type"] == "SubscriptionValidation"
            ? context.Response.WriteAsJsonAsync(new { validationResponse = JsonNode.Parse(body)?[0]?["data"]?["validationCode"]?.ToString() }, context.RequestAborted)
            : Task.CompletedTask);

        var (code, output, _) = await CliRun.StartAsync("send", _folder.Write("e.json", Sample.Event("RunCompleted", "{}")), "--to", receiver.Address, "--handshake");

        Assert.Equal(0, code);
        Assert.Contains("passed the validation handshake", output, StringComparison.Ordinal);
        Assert.Equal(["SubscriptionValidation", "Notification"], receiver.Requests.Select(request => request.Headers["aeg-event-type"]));
    }

    [Theory]
    [InlineData("eventgrid.azure.net", 0)]
    [InlineData("*", 0)]
    [InlineData("elsewhere.example", 1)]
    [InlineData("", 1)]
    public async Task The_handshake_of_cloud_events_requires_that_the_origin_is_allowed(string allowed, int expected)
    {
        await using var receiver = await Receiver.StartAsync((context, _) =>
        {
            if (context.Request.Method == "OPTIONS" && allowed.Length > 0)
            {
                context.Response.Headers["WebHook-Allowed-Origin"] = allowed;
            }

            return Task.CompletedTask;
        });

        var (code, _, error) = await CliRun.StartAsync("send", _folder.Write("e.json", CloudEvent), "--to", receiver.Address, "--handshake");

        Assert.Equal(expected, code);
        Assert.Equal(expected == 1, error.Contains("does not allow eventgrid.azure.net", StringComparison.Ordinal));
        Assert.Equal("eventgrid.azure.net", receiver.Requests[0].Headers["WebHook-Request-Origin"]);
    }

    [Fact]
    public async Task An_answer_to_the_handshake_without_the_validation_code_is_refused()
    {
        await using var receiver = await Receiver.StartAsync((_, _) => Task.CompletedTask);

        var (code, _, error) = await CliRun.StartAsync("send", _folder.Write("e.json", Sample.Event("RunCompleted", "{}")), "--to", receiver.Address, "--handshake");

        Assert.Equal(1, code);
        Assert.Contains("did not return the code of the validation event", error, StringComparison.Ordinal);
        Assert.Single(receiver.Requests);
    }

    [Fact]
    public async Task A_refusal_is_reported_with_the_answer_of_the_webhook_and_without_the_key_in_its_address()
    {
        await using var receiver = await Receiver.StartAsync((context, _) =>
        {
            context.Response.StatusCode = 401;
            return context.Response.WriteAsync("who\nare you?", context.RequestAborted);
        });

        var (code, _, error) = await CliRun.StartAsync("send", _folder.Write("e.json", Sample.Event("RunCompleted", "{}")), "--to", $"{receiver.Address}?code=secret");

        Assert.Equal(1, code);
        Assert.Contains("/events answered 401 Unauthorized: who are you?", error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_webhook_that_cannot_be_reached_leads_to_exit_code_3()
    {
        var (code, _, error) = await CliRun.StartAsync("send", _folder.Write("e.json", Sample.Event("RunCompleted", "{}")), "--to", $"http://127.0.0.1:{FreePort.Next()}/events");

        Assert.Equal(3, code);
        Assert.Contains("could not be reached", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--to", "ftp://x")]
    [InlineData("--to", "nonsense")]
    [InlineData("--batch", "0")]
    public async Task An_invalid_option_leads_to_exit_code_2(string option, string value)
    {
        var file = _folder.Write("e.json", CloudEvent);

        var (code, _, error) = option == "--to"
            ? await CliRun.StartAsync("send", file, option, value)
            : await CliRun.StartAsync("send", file, option, value, "--to", "http://localhost");

        Assert.Equal(2, code);
        Assert.Contains(option, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_without_events_is_refused()
    {
        var (code, _, error) = await CliRun.StartAsync("send", _folder.Write("e.json", "[]"), "--to", "http://localhost");

        Assert.Equal(1, code);
        Assert.Contains($"No event found in {Path.Combine(_folder.Path, "e.json")}", error, StringComparison.Ordinal);
    }
}
