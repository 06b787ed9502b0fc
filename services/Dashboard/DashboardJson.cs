using System.Text.Json;
using System.Text.Json.Serialization;

using MLEvents.Dashboard.Approvals;
using MLEvents.Dashboard.Chains;
using MLEvents.Dashboard.Explaining;
using MLEvents.Dashboard.Health;
using MLEvents.Dashboard.History;
using MLEvents.Dashboard.Rebuilding;
using MLEvents.Events;

namespace MLEvents.Dashboard;

/// <summary>The JSON contract of messages, answers, stored values and exports. It is generated when the dashboard is built, because a native program has no reflection for JSON.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ActionChanged))]
[JsonSerializable(typeof(RulesLoaded))]
[JsonSerializable(typeof(ApprovalRequested))]
[JsonSerializable(typeof(ApprovalDecided))]
[JsonSerializable(typeof(Intervention))]
[JsonSerializable(typeof(LedgerPage<LedgerAction>))]
[JsonSerializable(typeof(LedgerPage<LedgerQuestion>))]
[JsonSerializable(typeof(QuestionView.ServiceQuestion))]
[JsonSerializable(typeof(DecisionBody))]
[JsonSerializable(typeof(HistoryPage))]
[JsonSerializable(typeof(EventExplanation))]
[JsonSerializable(typeof(ChainTimeline))]
[JsonSerializable(typeof(WatchedHealth))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, Uri>))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class DashboardJson : JsonSerializerContext
{
    /// <summary>The contract for a value that contains an event or a planned action, because the JSON of an event can have the greatest accepted depth.</summary>
    public static DashboardJson Deep { get; } = new(new JsonSerializerOptions(JsonSerializerDefaults.Web) { MaxDepth = JsonLimits.MaxDepth + JsonLimits.Wrapping });
}
