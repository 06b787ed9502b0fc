using System.Text.Json.Serialization;

using MLEvents.Ingress.DeadLetters;
using MLEvents.Ingress.Webhook;

namespace MLEvents.Ingress;

/// <summary>The JSON contract of answers, stored values and messages. It is generated when the ingress is built, because a native program has no reflection for JSON.</summary>
[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ValidationResponse))]
[JsonSerializable(typeof(StoredMessageList))]
[JsonSerializable(typeof(StoredMessageView))]
[JsonSerializable(typeof(ReplayView))]
[JsonSerializable(typeof(PublishedEvent))]
[JsonSerializable(typeof(QuarantinedEnvelope))]
[JsonSerializable(typeof(StoredMessage))]
[JsonSerializable(typeof(StoredMessageIndex.Head))]
[JsonSerializable(typeof(List<string>))]
[JsonSerializable(typeof(byte[]))]
internal sealed partial class IngressJson : JsonSerializerContext;
