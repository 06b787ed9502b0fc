using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLEvents.Local.Sidecar.Tests.Recordings;

/// <summary>Replays 01-publish-envelopes.json: the answers, and the requests to the app, must be those of daprd, apart from ids and times.</summary>
public sealed class EnvelopeRecordingTests(EnvelopeFixture fixture) : IClassFixture<EnvelopeFixture>
{
    private const string File = "01-publish-envelopes.json";
    private static readonly string[] IgnoredHeaders = ["Host", "Content-Length", "User-Agent", "Accept-Encoding"];

    public static TheoryData<string> Cases => [.. Recording.Cases(File, "no_config").Where(name => !Differences.Covers(File, name))];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task The_answer_and_the_delivered_envelopes_are_those_of_daprd(string name)
    {
        var recorded = Recording.Open(File).GetProperty("no_config").GetProperty(name).GetProperty("rps");
        var (before, expected) = (fixture.App.Deliveries.Count, recorded.GetProperty("delivered").EnumerateArray().Select(Delivery).Order(StringComparer.Ordinal));

        var answer = await RecordedCall.ReplayAsync(recorded.GetProperty("publish"), fixture.Sidecar.Http, fixture.Grpc);
        await fixture.Sidecar.WaitForIdleAsync();

        Assert.Equal(RecordedCall.Expected(recorded.GetProperty("publish")), answer);
        Assert.Equal(string.Join("\n\n", expected), string.Join("\n\n", fixture.App.Deliveries.Skip(before).Select(Delivery).Order(StringComparer.Ordinal)));
    }

    private static string Delivery(JsonElement recorded) => Delivery(
        recorded.GetProperty("request").GetString() ?? "",
        recorded.GetProperty("headers").EnumerateArray().Select(header => (header[0].GetString() ?? "", header[1].GetString() ?? "")),
        recorded.GetProperty("body").GetString() ?? "");

    private static string Delivery(Call call) => Delivery(call.Line, call.Headers.Select(header => (header.Key, header.Value)), call.Body);

    private static string Delivery(string line, IEnumerable<(string Name, string Value)> headers, string body)
    {
        var kept = headers.Where(header => !IgnoredHeaders.Contains(header.Name)).Select(header => $"{header.Name.ToUpperInvariant()}: {header.Value}").Order(StringComparer.Ordinal);
        return Recording.Normalize($"{line.Replace(" HTTP/1.1", "", StringComparison.Ordinal)}\n{string.Join('\n', kept)}\n\n{InOrder(body)}");
    }

    /// <summary>Sorts the entries of a bulk request, because daprd publishes the entries of a bulk publish in parallel. Empty metadata counts as null.</summary>
    private static string InOrder(string body)
    {
        if (!body.StartsWith("{\"entries\":", StringComparison.Ordinal))
        {
            return body;
        }

        var request = JsonNode.Parse(body)?.AsObject() ?? [];
        var entries = request["entries"]?.AsArray().Select(entry => entry?.ToJsonString().Replace("\"metadata\":{}", "\"metadata\":null", StringComparison.Ordinal) ?? "") ?? [];
        request["entries"] = new JsonArray([.. entries.OrderBy(Recording.Normalize, StringComparer.Ordinal).Select(entry => JsonNode.Parse(entry))]);
        return request.ToJsonString();
    }
}
