using System.Net;
using System.Net.Sockets;

using Dapr.Client.Autogen.Grpc.v1;

using Grpc.Core;

using Microsoft.Extensions.Time.Testing;

using MLEvents.Events;
using MLEvents.Events.Reading;
using MLEvents.Ingress.Webhook;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Ingress.Tests;

public sealed class TopicPublisherTests : IAsyncDisposable
{
    // The client connects to this listener before it sends a call. The test answers the calls itself.
    private readonly TcpListener _sidecar = new(IPAddress.Loopback, 0);
    private readonly SidecarCalls _calls = new();
    private readonly Dapr.Client.DaprClient _dapr;
    private readonly FakeTimeProvider _time = new();
    private readonly List<int> _sizes = [];

    public TopicPublisherTests()
    {
        _sidecar.Start();
        _dapr = _calls.CreateClient($"http://{_sidecar.LocalEndpoint}");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync()
    {
        _dapr.Dispose();
        _calls.Dispose();
        _sidecar.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Requests_that_wait_share_the_next_call()
    {
        var (first, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        AnswerWith(async _ =>
        {
            first.TrySetResult();
            await gate.Task;
            return new BulkPublishResponse();
        });
        var publisher = Publisher();

        var alone = PublishAsync(publisher, "e-0");
        await first.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);
        var together = Enumerable.Range(1, 10).Select(n => PublishAsync(publisher, $"e-{n}")).ToList();
        gate.SetResult();

        await Task.WhenAll([alone, .. together]);
        Assert.Equal([1, 10], _sizes);
    }

    [Fact]
    public async Task A_refused_event_fails_its_request_only()
    {
        AnswerWith(request => Task.FromResult(new BulkPublishResponse
        {
            FailedEntries = { request.Entries.Where(entry => entry.Event.ToStringUtf8().Contains("bad", StringComparison.Ordinal)).Select(entry => new BulkPublishResponseFailedEntry { EntryId = entry.EntryId, Error = "refused" }) },
        }));
        var publisher = Publisher();

        var good = PublishAsync(publisher, "good");
        var bad = PublishAsync(publisher, "bad");

        await good;
        var exception = await Assert.ThrowsAsync<NotAllPublishedException>(() => bad);
        Assert.Equal($"Publishing to '{Topics.OtherEvents}' failed: the event was refused: refused", exception.Message);
    }

    [Theory]
    [InlineData(StatusCode.ResourceExhausted, true)]
    [InlineData(StatusCode.Unavailable, false)]
    public async Task An_event_that_is_too_large_is_not_reported_as_an_outage(StatusCode status, bool expected)
    {
        AnswerWith(_ => Task.FromException<BulkPublishResponse>(new RpcException(new Status(status, ""))));

        var exception = await Assert.ThrowsAsync<Dapr.DaprException>(() => PublishAsync(Publisher(), "e-0"));

        Assert.Equal(expected, NotAllPublishedException.ByBroker(Topics.OtherEvents, exception.Message, exception).IsTooLarge);
    }

    [Fact]
    public async Task A_shared_call_that_fails_is_repeated_separately_for_each_request()
    {
        AnswerWith(request => request.Entries.Any(entry => entry.Event.ToStringUtf8().Contains("bad", StringComparison.Ordinal))
            ? Task.FromException<BulkPublishResponse>(new RpcException(new Status(StatusCode.InvalidArgument, "")))
            : Task.FromResult(new BulkPublishResponse()));
        var publisher = Publisher();

        var good = PublishAsync(publisher, "good");
        var bad = PublishAsync(publisher, "bad");

        await good;
        await Assert.ThrowsAsync<Dapr.DaprException>(() => bad);
    }

    [Fact]
    public async Task A_call_without_an_answer_ends_after_its_time_limit()
    {
        var sent = new TaskCompletionSource();
        _calls.OnCall = async call =>
        {
            sent.TrySetResult();
            await Never.CompletesAsync(call.Cancelled);
            throw new InvalidOperationException("The call was not cancelled.");
        };

        var publishing = PublishAsync(Publisher(), "e-0");
        await sent.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);
        _time.Advance(TimeSpan.FromSeconds(20));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => publishing.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token));
    }

    private void AnswerWith(Func<BulkPublishRequest, Task<BulkPublishResponse>> answer) => _calls.OnCall = async call =>
    {
        if (!call.Method.StartsWith("BulkPublishEvent", StringComparison.Ordinal))
        {
            return SidecarCall.Fail(StatusCode.Unimplemented);
        }

        var request = call.Read(BulkPublishRequest.Parser);
        _sizes.Add(request.Entries.Count);
        try
        {
            return SidecarCall.Answer(await answer(request));
        }
        catch (RpcException exception)
        {
            return SidecarCall.Fail(exception.StatusCode);
        }
    };

    private TopicPublisher Publisher() => new(_dapr, Topics.OtherEvents, () => 100_000, () => TimeSpan.FromSeconds(20), _time);

    private static Task PublishAsync(TopicPublisher publisher, string id)
    {
        var batch = EventReader.Read(System.Text.Encoding.UTF8.GetBytes($$"""[{"id":"{{id}}","topic":"/t","eventType":"x","data":{ } }]"""));
        return publisher.PublishAsync([.. batch.Events.Select(envelope => new PublishedEvent(envelope))], 1000, Token);
    }
}
