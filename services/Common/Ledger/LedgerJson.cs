using System.Text.Json;
using System.Text.Json.Serialization;

using MLEvents.Events;
using MLEvents.Events.Limits;
using MLEvents.Ledger.Activity;
using MLEvents.Ledger.Approvals;
using MLEvents.Ledger.Indexes;
using MLEvents.Ledger.Operators;
using MLEvents.Ledger.Records;

namespace MLEvents.Ledger;

/// <summary>The JSON contract of answers, stored values and messages of the ledger. It is generated when the ledger is built, because a native program has no reflection for JSON.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ActionRecord))]
[JsonSerializable(typeof(Dictionary<string, IndexEntry>))]
[JsonSerializable(typeof(ApprovalQuestion))]
[JsonSerializable(typeof(LimitState))]
[JsonSerializable(typeof(ResourceLock))]
[JsonSerializable(typeof(JoinedChain))]
[JsonSerializable(typeof(ActivityEvent))]
[JsonSerializable(typeof(Dapr.CloudEvent<RulesLoaded>))]
[JsonSerializable(typeof(ActionPage))]
[JsonSerializable(typeof(ActionView))]
[JsonSerializable(typeof(PlanDifference))]
[JsonSerializable(typeof(ApprovalPage))]
[JsonSerializable(typeof(ApprovalView))]
[JsonSerializable(typeof(DecisionRequest))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class LedgerJson : JsonSerializerContext
{
    /// <summary>The contract for an action that contains its event, because the JSON of an event can have the greatest accepted depth.</summary>
    public static LedgerJson Deep { get; } = new(new JsonSerializerOptions(JsonSerializerDefaults.Web) { MaxDepth = JsonLimits.MaxDepth + JsonLimits.Wrapping });
}
