using System.Net;
using System.Text;

using Dapr;

using Grpc.Core;
using Grpc.Net.Client;

using MLEvents.Local.Sidecar.Tests.Infrastructure;

using DaprProto = Dapr.Client.Autogen.Grpc.v1.Dapr;
using Proto = Dapr.Client.Autogen.Grpc.v1;

namespace MLEvents.Local.Sidecar.Tests.Api;

/// <summary>The sidecar refuses calls of unsupported APIs, and its answer names the API. It also refuses requests that it cannot read, and calls without the token.</summary>
public sealed class RefusalTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("/v1.0/invoke/x/method/y", "service invocation")]
    [InlineData("/v1.0/actors/t/i/method/m", "actors")]
    [InlineData("/v1.0/configuration/c", "configuration stores")]
    [InlineData("/v1.0/workflows/dapr/w/start", "workflows")]
    [InlineData("/v1.0-alpha1/jobs/j", "jobs")]
    [InlineData("/v1.0-alpha1/lock/l", "locks")]
    [InlineData("/v1.0-alpha1/crypto/c/encrypt", "cryptography")]
    [InlineData("/v1.0-alpha1/conversation/c/converse", "conversations")]
    [InlineData("/v1.0/shutdown", "shutdown by request")]
    public async Task A_call_of_an_unsupported_http_api_is_answered_with_501_and_the_name_of_the_api(string path, string name)
    {
        await using var sidecar = await TestSidecar.StartAsync(_folder, null, Yaml.Brokers());

        using var answer = await sidecar.Http.PostAsync(new Uri(path, UriKind.Relative), null, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotImplemented, answer.StatusCode);
        Assert.Contains($"does not support {name}", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_of_an_unsupported_grpc_method_is_answered_with_unimplemented_and_the_name_of_the_method()
    {
        await using var sidecar = await TestSidecar.StartAsync(_folder, null, Yaml.Brokers());
        using var channel = GrpcChannel.ForAddress(sidecar.Host.GrpcAddress);
        var client = new DaprProto.DaprClient(channel);

        var unary = await Assert.ThrowsAsync<RpcException>(async () => await client.InvokeActorAsync(new Proto.InvokeActorRequest(), cancellationToken: TestContext.Current.CancellationToken));
        using var stream = client.SubscribeTopicEventsAlpha1(cancellationToken: TestContext.Current.CancellationToken);
        var streaming = await Assert.ThrowsAsync<RpcException>(() => stream.ResponseStream.MoveNext(TestContext.Current.CancellationToken));

        Assert.Equal((StatusCode.Unimplemented, true), (unary.StatusCode, unary.Status.Detail.Contains("InvokeActor", StringComparison.Ordinal)));
        Assert.Equal((StatusCode.Unimplemented, true), (streaming.StatusCode, streaming.Status.Detail.Contains("SubscribeTopicEventsAlpha1", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("{", "ERR_PUBSUB_EVENTS_SER")]
    [InlineData("""[{"entryId":"1","event":"%%%","contentType":"application/octet-stream"}]""", "mismatch between contentType and event")]
    [InlineData("""[{"entryId":"1","event":1,"contentType":"text/plain"}]""", "mismatch between contentType and event")]
    public async Task A_bulk_request_that_cannot_be_read_is_answered_with_400(string body, string text)
    {
        await using var sidecar = await TestSidecar.StartAsync(_folder, null, Yaml.Brokers());
        using var content = new StringContent(body, Encoding.UTF8, "application/json");

        using var answer = await sidecar.Http.PostAsync(new Uri("/v1.0/publish/bulk/rps/t", UriKind.Relative), content, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(text, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Attributes_that_are_set_over_one_api_are_visible_over_the_other_api()
    {
        await using var sidecar = await TestSidecar.StartAsync(_folder, null, Yaml.Brokers());
        using var body = new StringContent("val");

        await sidecar.Http.PutAsync(new Uri("/v1.0/metadata/myattr", UriKind.Relative), body, TestContext.Current.CancellationToken);
        await sidecar.Dapr.SetMetadataAsync("other", "one", TestContext.Current.CancellationToken);

        var metadata = await sidecar.Dapr.GetMetadataAsync(TestContext.Current.CancellationToken);
        Assert.Equal(("val", "one"), (metadata.Extended["myattr"], metadata.Extended["other"]));
        Assert.Contains("\"other\":\"one\"", await sidecar.Http.GetStringAsync(new Uri("/v1.0/metadata", UriKind.Relative), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_grpc_call_without_the_token_is_refused()
    {
        await using var sidecar = await TestSidecar.StartAsync(_folder, null, Yaml.Brokers(), options => options.ApiToken = "t");

        await Assert.ThrowsAsync<DaprException>(() => sidecar.Dapr.PublishEventAsync("rps", "t", 1, TestContext.Current.CancellationToken));
    }
}
