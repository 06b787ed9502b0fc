using System.Net.Sockets;
using System.Text;

using MLEvents.Tests.Common;

namespace MLEvents.Ingress.Tests.Senders;

/// <summary>Searches every output of the ingress for a key that came in a query string.</summary>
public sealed class CanaryTests
{
    private const string Key = "canary-7e1f9a-of-the-key";
    private const string Wrong = "canary-7e1f9a-wrong";
    private const string Canary = "canary-7e1f9a";

    private static readonly string[] MalformedRequests =
    [
        $"POST /events?code={Key} HTTP/9.9\r\nHost: localhost\r\n\r\n",
        $"POST /events?code={Key}\r\n\r\n",
        $"POST /events?code={Key} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nZZ\r\n\r\n",
        $"PO ST /events?code={Key} HTTP/1.1\r\nHost: localhost\r\n\r\n",
        $"POST /events?code={Key} HTTP/1.1\r\n\r\n",
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Production")]
    [InlineData("Development")]
    public async Task The_key_is_in_no_log_trace_metric_message_or_answer(string environment)
    {
        var outputs = new List<string>();
        await using var collector = await TelemetryCollector.StartAsync(Token);
        await using (var fixture = await IngressFixture.StartAsync(
            Token,
            [
                ("environment", environment), ("Ingress:Keys:0", Key), ("Ingress:MaxBodyBytes", "1024"), ("Logging:LogLevel:Default", "Trace"), ("Logging:LogLevel:Microsoft.AspNetCore", "Trace"),
                .. collector.Settings.Select(setting => (setting.Key, setting.Value)), ("OTEL_METRIC_EXPORT_INTERVAL", "100"),
            ]))
        {
            foreach (var (path, body) in new[]
            {
                ($"/events?code={Key}", "[]"), ($"/events?code={Key}", "not json"), ($"/events?code={Wrong}", "[]"), ($"/events?CODE={Key}", "[]"),
                ($"/events?code={Key}", new string('x', 4096)), ($"/nowhere?code={Key}", "[]"), ($"/quarantine?code={Key}", "[]"), ($"/events/?code={Key}&code={Wrong}", "[]"),
            })
            {
                using var response = await fixture.Client.PostAsync(new Uri(path, UriKind.Relative), new StringContent(body), Token);
                outputs.Add($"{response} {await response.Content.ReadAsStringAsync(Token)}");
            }

            foreach (var request in MalformedRequests)
            {
                outputs.Add(await SendRawAsync(fixture.Client.BaseAddress ?? throw new InvalidOperationException("no address"), request));
            }

            // Bodies that are not events are in the quarantine, with headers of their requests.
            outputs.Add(fixture.Next(Token).Envelope.GetRawText());
            outputs.Add(fixture.Next(Token).Envelope.GetRawText());
            outputs.AddRange(fixture.Ingress.Logs.Select(log => $"{log.Message} {log.Exception} {string.Join(' ', log.StructuredState ?? [])} {string.Join(' ', log.Scopes)}"));
        }

        Assert.All(outputs, output => Assert.DoesNotContain(Canary, output, StringComparison.OrdinalIgnoreCase));
        Assert.Contains(collector.Exported, body => body.Contains("POST", StringComparison.Ordinal));
        Assert.All(collector.Exported, body => Assert.DoesNotContain(Canary, body, StringComparison.OrdinalIgnoreCase));
    }

    private static async Task<string> SendRawAsync(Uri address, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, Token);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request), Token);
        client.Client.Shutdown(SocketShutdown.Send);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(Token);
    }
}
