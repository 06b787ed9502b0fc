using System.Text.Json.Serialization;

using MLEvents.Events;
using MLEvents.Notifier.Chat;
using MLEvents.Notifier.Email;
using MLEvents.Notifier.States;
using MLEvents.Notifier.Throttling;
using MLEvents.Rules.Plans;

namespace MLEvents.Notifier;

/// <summary>The JSON contract of stored values and messages. It is generated when the notifier is built, because a native program has no reflection for JSON.</summary>
[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ApprovalRequested))]
[JsonSerializable(typeof(TokenAnswer))]
[JsonSerializable(typeof(FirstMessage))]
[JsonSerializable(typeof(AlertStateDocument))]
[JsonSerializable(typeof(ThrottleWindow))]
[JsonSerializable(typeof(OverflowShard))]
[JsonSerializable(typeof(EventChain))]
internal sealed partial class NotifierJson : JsonSerializerContext;
