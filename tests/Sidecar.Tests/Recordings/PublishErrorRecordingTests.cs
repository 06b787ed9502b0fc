using Grpc.Net.Client;

using MLEvents.Local.Sidecar.Tests.Infrastructure;

namespace MLEvents.Local.Sidecar.Tests.Recordings;

/// <summary>Replays the publish errors, the calls with tokens and the health checks of 05-bindings-secrets-errors-tokens.json. The answers must be those of daprd.</summary>
public sealed partial class PublishErrorRecordingTests : IDisposable
{
    private const string File = "05-bindings-secrets-errors-tokens.json";
    private readonly TempFolder _folder = new();

    public static TheoryData<string> Errors => [.. Recording.Cases(File, "publish_errors")];

    public static TheoryData<string> Tokens => [.. Recording.Cases(File, "tokens").Where(name => !Differences.Covers(File, name))];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task A_refused_publish_has_the_answer_of_daprd(string name)
    {
        var recorded = Recording.Open(File).GetProperty("publish_errors").GetProperty(name);
        await using var sidecar = await TestSidecar.StartAsync(_folder, null, Components);
        using var grpc = GrpcChannel.ForAddress(sidecar.Host.GrpcAddress);

        var answer = await RecordedCall.ReplayAsync(recorded, sidecar.Http, grpc);

        Assert.Equal(WithoutSpans(RecordedCall.Expected(recorded)), WithoutSpans(answer));
    }

    [Theory]
    [MemberData(nameof(Tokens))]
    public async Task The_API_token_is_required_as_in_daprd(string name)
    {
        var recorded = Recording.Open(File).GetProperty("tokens").GetProperty(name);
        await using var sidecar = await TestSidecar.StartAsync(_folder, null, Components, options => options.ApiToken = "tok123");
        using var grpc = GrpcChannel.ForAddress(sidecar.Host.GrpcAddress);

        var answer = await RecordedCall.ReplayAsync(recorded, sidecar.Http, grpc);

        Assert.Equal(RecordedCall.Expected(recorded), answer);
    }

    [Theory]
    [InlineData("healthz")]
    [InlineData("healthz_outbound")]
    [InlineData("healthz_appid")]
    [InlineData("healthz_appid_self")]
    public async Task A_health_check_has_the_answer_of_daprd(string name)
    {
        var recorded = Recording.Open(File).GetProperty(name);
        await using var sidecar = await TestSidecar.StartAsync(_folder, null, Components);
        using var grpc = GrpcChannel.ForAddress(sidecar.Host.GrpcAddress);

        Assert.Equal(RecordedCall.Expected(recorded), await RecordedCall.ReplayAsync(recorded, sidecar.Http, grpc));
    }

    private static string Components => Yaml.Component("mem", "pubsub.in-memory")
        + Yaml.Component("memsc", "pubsub.in-memory", "publishingScopes: rec-app=a", "allowedTopics: a,b")
        + Yaml.Component("memprot", "pubsub.in-memory", "protectedTopics: prot")
        + Yaml.Component("othermem", "pubsub.in-memory").Replace("---", "scopes: [other]\n---", StringComparison.Ordinal);

    // Each recorded answer contains its own span, because tracing was on during the recording.
    private static string WithoutSpans(string answer) => Span().Replace(answer, "<span>");

    [System.Text.RegularExpressions.GeneratedRegex("00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]")]
    private static partial System.Text.RegularExpressions.Regex Span();
}
