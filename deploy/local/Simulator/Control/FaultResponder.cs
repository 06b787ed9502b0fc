using MLEvents.Local.Simulator.Arm;

namespace MLEvents.Local.Simulator.Control;

/// <summary>Plays a fault on an HTTP call.</summary>
internal sealed class FaultResponder(BackgroundWork work)
{
    private static readonly TimeSpan Endless = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(1);

    /// <summary>Plays it; returns the answer to give instead of the real one, or null when the real one may be given.</summary>
    public async Task<IResult?> PlayAsync(Fault fault, HttpContext http)
    {
        switch (fault.Kind)
        {
            case Fault.StatusKind:
                return Answer(fault);
            case Fault.Late:
                await WaitAsync(fault.Delay ?? Slow, http);
                return null;
            case Fault.Timeout:
                await WaitAsync(fault.Delay ?? Endless, http);
                break;
        }

        http.Abort();
        return Results.Empty;
    }

    private static ArmReply Answer(Fault fault)
    {
        var code = fault.Status switch
        {
            StatusCodes.Status429TooManyRequests => "TooManyRequests",
            StatusCodes.Status500InternalServerError => "InternalServerError",
            StatusCodes.Status503ServiceUnavailable => "ServiceUnavailable",
            StatusCodes.Status409Conflict => "Conflict",
            StatusCodes.Status403Forbidden => "AuthorizationFailed",
            _ => "SimulatedFault",
        };
        var answer = ArmReply.Error(fault.Status, code, "The simulator was asked to let this call fail.");
        var pause = fault.RetryAfterSeconds ?? (fault.Status == StatusCodes.Status429TooManyRequests ? 1 : null);
        return pause is { } seconds ? answer.RetryAfter(TimeSpan.FromSeconds(seconds)) : answer;
    }

    // Ends early when the caller gives up, which is what some faults are for, or when the host stops.
    private async Task WaitAsync(TimeSpan duration, HttpContext http)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, work.Stopping);
        await work.WaitAsync(duration, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
