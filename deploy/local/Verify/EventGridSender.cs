using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace MLEvents.Local.Verify;

/// <summary>Delivers batches. Like Event Grid, it repeats a batch after a failed connection, a time-out or status 503.</summary>
internal sealed class EventGridSender(Uri webhook) : IDisposable
{
    private const int MaxConcurrency = 4;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(30) };
    private int _repeats;

    /// <summary>The number of requests that were repeated because the ingress was down or answered 503.</summary>
    public int Repeats => _repeats;

    /// <summary>Delivers all batches, evenly distributed over a time.</summary>
    /// <exception cref="InvalidOperationException">The ingress rejected a batch with a status that Event Grid does not retry.</exception>
    public async Task DeliverAsync(IReadOnlyList<JsonArray> batches, TimeSpan over, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        var numbered = batches.Select((batch, number) => (batch, number));
        await Parallel.ForEachAsync(numbered, new ParallelOptions { MaxDegreeOfParallelism = MaxConcurrency, CancellationToken = cancellationToken }, async (one, stop) =>
        {
            var wait = (over * one.number / batches.Count) - TimeProvider.System.GetElapsedTime(start);
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, TimeProvider.System, stop);
            }

            while (!await TryDeliverAsync(one.batch, stop))
            {
                Interlocked.Increment(ref _repeats);
                await Task.Delay(Pause, TimeProvider.System, stop);
            }
        });
    }

    public void Dispose() => _http.Dispose();

    private async Task<bool> TryDeliverAsync(JsonArray batch, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, webhook) { Content = new StringContent(batch.ToJsonString(), Encoding.UTF8, "application/json") };
            request.Headers.Add("aeg-event-type", "Notification");
            using var answer = await _http.SendAsync(request, cancellationToken);
            return answer.StatusCode switch
            {
                HttpStatusCode.OK => true,
                HttpStatusCode.ServiceUnavailable => false,
                _ => throw new InvalidOperationException($"The ingress rejected events with status {(int)answer.StatusCode}, which Event Grid does not retry."),
            };
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // The ingress was killed or is still starting.
            return false;
        }
    }
}
