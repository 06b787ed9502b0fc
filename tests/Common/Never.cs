namespace MLEvents.Tests.Common;

/// <summary>Work that never completes: a replacement for a server that does not answer or a call that hangs.</summary>
public static class Never
{
    /// <summary>Waits until the token is cancelled.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static async Task CompletesAsync(CancellationToken cancellationToken)
    {
        var never = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await never.Task.WaitAsync(cancellationToken);
    }
}
