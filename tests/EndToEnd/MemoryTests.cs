using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;

using MLEvents.EndToEnd.Running;
using MLEvents.Tests.Common;

namespace MLEvents.EndToEnd;

/// <summary>The memory of a real ingress process that handles several hostile bodies at a time.</summary>
public sealed class MemoryTests : IDisposable
{
    private const int Limit = 192 * 1024 * 1024;

    // The rest of the limit is for the runtime, its mapped files and code. Without a heap limit, the heap grows as long as the machine has free memory.
    private const int HeapLimit = 80 * 1024 * 1024;
    private const int MaxBodyBytes = 3 * 512 * 1024;
    private const string Key = "local-development-key";

    // The possible answers: the body is accepted, the body is not valid, or the body is refused because too many bodies arrive at once.
    private static readonly HttpStatusCode[] Answers = [HttpStatusCode.OK, HttpStatusCode.BadRequest, HttpStatusCode.ServiceUnavailable];

    private readonly TempFolder _data = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _data.Dispose();

    [Theory]
    [InlineData("1")]
    [InlineData("{}")]
    [InlineData("""{"id":"1","topic":"/","eventType":"a"}""")]
    [InlineData("""{"specversion":"1.0"}""")]
    public async Task Small_elements_in_bodies_of_the_largest_size_need_less_than_192_MiB(string element)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Not run: the peak of the resident memory is read from /proc.");
        var port = PortRange.Next();
        using var sidecar = Start("Sidecar", "MLEvents.Local.Sidecar", "--app-id=ingress", $"--app-port={port}", $"--dapr-http-port={port + 1}", $"--dapr-grpc-port={port + 2}", $"--resources-path={Repository.PathOf("components", "embedded")}", $"--data-dir={_data.Path}");
        using var ingress = Start("Host", "MLEvents.Ingress", "--environment=Development", $"--urls=http://127.0.0.1:{port}", $"--DAPR_HTTP_ENDPOINT=http://127.0.0.1:{port + 1}", $"--DAPR_GRPC_ENDPOINT=http://127.0.0.1:{port + 2}");
        try
        {
            using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromMinutes(2) };
            await Poll.UntilAsync(token => IsReadyAsync(http, token), ready => ready, Token);
            var body = Encoding.UTF8.GetBytes($"[{string.Join(',', Enumerable.Repeat(element, (MaxBodyBytes - 2) / (element.Length + 1)))}]");

            var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => PostAsync(http, body)));

            Assert.All(answers, answer => Assert.Contains(answer, Answers));
            Assert.InRange(PeakOf(ingress), 1, Limit);
        }
        finally
        {
            ingress.Kill();
            sidecar.Kill();
        }
    }

    private static async Task<HttpStatusCode> PostAsync(HttpClient http, byte[] body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/events?code={Key}", UriKind.Relative)) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.Add("aeg-event-type", "Notification");
        request.Headers.Add("aeg-subscription-name", new string('x', 16 * 1024));
        using var response = await http.SendAsync(request, Token);
        return response.StatusCode;
    }

    private static async Task<bool> IsReadyAsync(HttpClient http, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await http.GetAsync(new Uri("/readyz", UriKind.Relative), cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    // VmHWM is the highest resident memory so far, including the mapped files of the runtime.
    private static long PeakOf(Process process)
    {
        var line = File.ReadLines($"/proc/{process.Id}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    private static Process Start(string project, string assembly, params IEnumerable<string> arguments)
    {
        var info = BuiltProgram.StartInfo(project, assembly, arguments);
        info.Environment["DOTNET_GCHeapHardLimit"] = HeapLimit.ToString("X", CultureInfo.InvariantCulture);
        var process = Process.Start(info) ?? throw new InvalidOperationException($"{assembly} did not start.");

        // The output is read and dropped, so that the process does not wait for a full pipe.
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }
}
