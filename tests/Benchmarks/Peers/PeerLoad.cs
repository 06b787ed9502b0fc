using System.Collections.Concurrent;
using System.Globalization;

using MLEvents.Tests.Common;

namespace MLEvents.Benchmarks.Peers;

/// <summary>The parameters of a load.</summary>
/// <param name="Batch">Number of events in a request.</param>
/// <param name="Window">Maximum number of matching events whose mail has not arrived yet.</param>
/// <param name="Match">Share of the events that match, 0 to 1.</param>
internal sealed record LoadShape(int Batch, int Window, double Match);

/// <summary>The results of a load.</summary>
/// <param name="EventsPerSecond">Accepted events per second.</param>
/// <param name="MailsPerSecond">Mails per second.</param>
/// <param name="Lost">Matching events without a mail after the time to settle.</param>
internal sealed record LoadResult(double EventsPerSecond, double MailsPerSecond, int Lost);

/// <summary>
/// Sends events to a peer and waits for their mails, in a closed loop or at a fixed rate. The closed loop limits the number of
/// matching events without a mail, so that the buffers of a peer do not increase its rate.
/// </summary>
internal sealed class PeerLoad : IDisposable
{
    private const int MaxRequests = 64;
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(30);

    private readonly HttpClient _peer;
    private readonly SemaphoreSlim _requests = new(MaxRequests);
    private readonly Uri _address;
    private readonly ConcurrentDictionary<string, long> _waiting = new();
    private readonly ConcurrentQueue<double> _milliseconds = new();
    private readonly string _run = Guid.NewGuid().ToString("N")[..8];
    private SemaphoreSlim? _window;
    private int _next;
    private int _mails;

    public PeerLoad(Uri address, MailSink sink)
    {
        (_address, _peer) = (address, new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = MaxRequests }));
        sink.Accepted = Accept;
    }

    public void Dispose()
    {
        _peer.Dispose();
        _requests.Dispose();
        _window?.Dispose();
    }

    /// <summary>Sends matching events, and does not wait for their mails.</summary>
    public static async Task SendAsync(Uri address, int events, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        using var content = Content([.. Enumerable.Range(0, events).Select(number => (string.Create(CultureInfo.InvariantCulture, $"evt-sent-{number}"), true))]);
        using var answer = await http.PostAsync(address, content, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Sends as many events as possible in the time.</summary>
    public async Task<LoadResult> RunAsync(LoadShape shape, TimeSpan time, CancellationToken cancellationToken)
    {
        Begin(shape.Window);
        var posts = new List<Task>();
        var stalled = false;
        var start = TimeProvider.System.GetTimestamp();
        while (!stalled && TimeProvider.System.GetElapsedTime(start) < time)
        {
            if (await NextInTimeAsync(shape, cancellationToken) is { } batch)
            {
                await _requests.WaitAsync(cancellationToken);
                posts.Add(PostAndReleaseAsync(batch));
            }
            else
            {
                // No mail arrived for a long time, so no further event may be sent. The missing mails are counted below.
                stalled = true;
            }
        }

        var (seconds, mails) = (TimeProvider.System.GetElapsedTime(start).TotalSeconds, _mails);
        await Task.WhenAll(posts);
        await (stalled ? Task.CompletedTask : SettleAsync(cancellationToken));
        return new LoadResult(posts.Count * shape.Batch / seconds, mails / seconds, _waiting.Count);
    }

    /// <summary>Sends single events at a fixed rate.</summary>
    /// <returns>The milliseconds from the request to the mail, and the number of missing mails.</returns>
    /// <exception cref="InvalidOperationException">No mail arrived.</exception>
    public async Task<(Sample Milliseconds, int Lost)> RunAsync(int events, TimeSpan between, CancellationToken cancellationToken)
    {
        Begin(int.MaxValue);
        using var timer = new PeriodicTimer(between, TimeProvider.System);
        var posts = new List<Task>();
        while (posts.Count < events && await timer.WaitForNextTickAsync(cancellationToken))
        {
            posts.Add(PostAsync(await NextAsync(new LoadShape(1, int.MaxValue, 1), cancellationToken), cancellationToken));
        }

        await Task.WhenAll(posts);
        await SettleAsync(cancellationToken);
        return _milliseconds.IsEmpty
            ? throw new InvalidOperationException($"None of {events} events that {_address.GetLeftPart(UriPartial.Path)} accepted became a mail within {Settle.TotalSeconds} s.")
            : (new Sample(_milliseconds), _waiting.Count);
    }

    private void Begin(int window)
    {
        // The late mails of the last measurement must not free places of the new window.
        _waiting.Clear();
        _window?.Dispose();
        _window = new SemaphoreSlim(window);
        _milliseconds.Clear();
        _mails = 0;
    }

    private void Accept(string id)
    {
        // A duplicate, or a mail of an earlier measurement, is not counted.
        if (_waiting.TryRemove(id, out var sent))
        {
            _milliseconds.Enqueue(TimeProvider.System.GetElapsedTime(sent).TotalMilliseconds);
            Interlocked.Increment(ref _mails);
            _window?.Release();
        }
    }

    // Returns null if the window stays full for 30 s. The wait must end then. Otherwise a late mail could end it during the next load, and this batch would take places of the next window.
    private async Task<List<(string Id, bool IsMatch)>?> NextInTimeAsync(LoadShape shape, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(Settle, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            return await NextAsync(shape, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task<List<(string Id, bool IsMatch)>> NextAsync(LoadShape shape, CancellationToken cancellationToken)
    {
        var batch = new List<(string Id, bool IsMatch)>(shape.Batch);
        for (var item = 0; item < shape.Batch; item++)
        {
            var number = _next++;
            // Matching events are distributed evenly, so every measurement has the same share.
            var isMatch = Math.Floor((number + 1) * shape.Match) > Math.Floor(number * shape.Match);
            batch.Add((string.Create(CultureInfo.InvariantCulture, $"evt-{_run}-{number}"), isMatch));
            await (isMatch && _window is { } window ? window.WaitAsync(cancellationToken) : Task.CompletedTask);
        }

        return batch;
    }

    private async Task PostAndReleaseAsync(List<(string Id, bool IsMatch)> batch)
    {
        try
        {
            await PostAsync(batch, CancellationToken.None);
        }
        finally
        {
            _requests.Release();
        }
    }

    private async Task PostAsync(List<(string Id, bool IsMatch)> batch, CancellationToken cancellationToken)
    {
        using var content = Content(batch);
        var now = TimeProvider.System.GetTimestamp();
        foreach (var (id, _) in batch.Where(item => item.IsMatch))
        {
            _waiting[id] = now;
        }

        using var answer = await _peer.PostAsync(_address, content, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    private static ByteArrayContent Content(List<(string Id, bool IsMatch)> batch)
    {
        var content = new ByteArrayContent(PeerEvents.Body(batch));
        content.Headers.Add("Content-Type", "application/json");
        content.Headers.Add("aeg-event-type", "Notification");
        return content;
    }

    private async Task SettleAsync(CancellationToken cancellationToken)
    {
        var end = TimeProvider.System.GetUtcNow() + Settle;
        // Events whose mail is missing after this time are counted as lost. A missing mail is not an error.
        await Poll.UntilAsync(() => _waiting.IsEmpty || TimeProvider.System.GetUtcNow() > end, cancellationToken, deadline: Settle * 2);
    }
}
