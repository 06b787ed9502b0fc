using System.Text.Json.Serialization;

namespace MLEvents.Rules;

/// <summary>The JSON contract of deduplication keys, generated when this library is built, because a native program has no reflection for JSON.</summary>
[JsonSerializable(typeof(string[]))]
internal sealed partial class RulesJson : JsonSerializerContext;
