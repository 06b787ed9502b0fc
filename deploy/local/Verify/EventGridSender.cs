using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace MLEvents.Local.Verify;

/// <summary>Delivers the batches as Event Grid does: again and again until the answer is 200.</summary>
internal sealed class EventGridSender(Uri webhook) : IDisposable
{
    private const int AtOnce = 4;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private int _repeats;

    /// <summary>How often a batch had to be delivered again, because the ingress was away or said 503.</summary>
    public int Repeats => _repeats;

    /// <summary>Delivers all batches, spread evenly over a time.</summary>
    /// <exception cref="InvalidOperationException">A batch was refused for good.</exception>
    public async Task DeliverAsync(IReadOnlyList<JsonArray> batches, TimeSpan over, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        var numbered = batches.Select((batch, number) => (batch, number));
        await Parallel.ForEachAsync(numbered, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (one, stop) =>
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
                _ => throw new InvalidOperationException($"The ingress refused events for good, which Event Grid never repeats: {(int)answer.StatusCode}."),
            };
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // Killed, or not back yet.
            return false;
        }
    }
}
