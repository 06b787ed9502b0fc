using MLEvents.Local.Simulator.Faults;
using MLEvents.Local.Simulator.Storage;

namespace MLEvents.Local.Simulator.Arm;

/// <summary>Applies a fault to an HTTP call.</summary>
internal sealed class FaultResponder(BackgroundWork work)
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan DefaultDelay = TimeSpan.FromSeconds(1);

    /// <summary>Performs the work of a call and answers it. The fault, if there is one, is applied before or after the work.</summary>
    public async Task<IResult> AnswerAsync(Fault? fault, HttpContext http, Func<Task<IResult>> work)
    {
        if (fault is { After: false } && await RespondAsync(fault, http) is { } early)
        {
            return early;
        }

        var answer = await work();
        return fault is { After: true } ? await RespondAsync(fault, http) ?? answer : answer;
    }

    /// <summary>Applies the fault. Returns the answer that replaces the real answer; null if the real answer is sent.</summary>
    public async Task<IResult?> RespondAsync(Fault fault, HttpContext http)
    {
        switch (fault.Kind)
        {
            case Fault.StatusKind:
                return Answer(fault);
            case Fault.Late:
                await WaitAsync(fault.Delay ?? DefaultDelay, http);
                return null;
            case Fault.Timeout:
                await WaitAsync(fault.Delay ?? DefaultTimeout, http);
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

    // Ends early when the caller closes the connection or the host stops.
    private async Task WaitAsync(TimeSpan duration, HttpContext http)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, work.Stopping);
        await work.WaitAsync(duration, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
