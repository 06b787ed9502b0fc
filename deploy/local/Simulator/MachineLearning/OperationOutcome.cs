using MLEvents.Local.Simulator.Faults;

namespace MLEvents.Local.Simulator.MachineLearning;

/// <summary>The outcome of an operation on an endpoint or deployment. The active faults determine the outcome.</summary>
/// <param name="Delay">The additional duration of the operation.</param>
/// <param name="State">The provisioning state at the end: Succeeded, Failed or Canceled.</param>
internal sealed record OperationOutcome(TimeSpan Delay, string State)
{
    private static readonly TimeSpan DefaultDelay = TimeSpan.FromSeconds(10);

    /// <summary>Whether the operation fails or is canceled.</summary>
    public bool Fails => State != "Succeeded";

    /// <summary>Whether the operation ends in state Canceled.</summary>
    public bool IsCanceled => State == "Canceled";

    /// <summary>The error of an operation that fails or is canceled; null when it succeeds.</summary>
    public (string Code, string Message)? Error => State switch
    {
        "Failed" => ("ResourceOperationFailure", "The simulator was asked to let this operation fail."),
        "Canceled" => ("OperationCanceled", "The simulator was asked to cancel this operation."),
        _ => null,
    };

    /// <summary>Takes the faults of an operation that starts now.</summary>
    public static OperationOutcome Take(FaultStore faults, string operation)
    {
        var slow = faults.Take(operation, Fault.SlowOperation);
        var end = faults.Take(operation, Fault.FailOperation, Fault.FailDeployment, Fault.CancelOperation)?.Kind;
        return new(slow is null ? TimeSpan.Zero : slow.Delay ?? DefaultDelay, end switch { null => "Succeeded", Fault.CancelOperation => "Canceled", _ => "Failed" });
    }
}
