using System.Text.Json.Serialization.Metadata;

namespace MLEvents.Ledger;

/// <summary>The format in which the ledger stores the plans of a service.</summary>
/// <typeparam name="TPlan">The type of the plans.</typeparam>
/// <param name="Type">The source-generated JSON contract.</param>
/// <param name="Version">
/// The version of the format, from 1. Increase it when earlier versions of the service cannot execute the changed plan.
/// Replicas of those versions then leave such plans to replicas of the new version.
/// </param>
public sealed record PlanFormat<TPlan>(JsonTypeInfo<TPlan> Type, int Version = 1)
    where TPlan : class;
