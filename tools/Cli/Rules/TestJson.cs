using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

using MLEvents.Events;

namespace MLEvents.Cli.Rules;

/// <summary>The JSON output of <c>mlevents rules test</c>.</summary>
internal static class TestJson
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    public static string Write(IEnumerable<TestedEvent> tested) => JsonSerializer.Serialize(
        tested.Select(one => new
        {
            @event = new { one.Event.Id, one.Event.Type, one.Event.Subject, one.Event.Source },
            drift = Drift.Read(one.Event)?.ToJson(),
            rules = one.Verdicts.Select(verdict => new
            {
                verdict.Rule.Service,
                rule = verdict.Rule.Rule.Name,
                verdict.Rule.Rule.Line,
                verdict.Outcome,
                verdict.DeduplicationKey,
                verdict.Plan?.Action,
                verdict.Plan?.Fault,
                verdict.Why,
            }),
        }),
        Json);
}
