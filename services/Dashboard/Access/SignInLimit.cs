namespace MLEvents.Dashboard.Access;

/// <summary>Counts the attempts to sign in with a token, and allows ten attempts per address and minute.</summary>
/// <remarks>
/// The rate limiter of ASP.NET Core is not used. It wakes ten times a second even without sign-ins, and took most of the processor time of an idle dashboard.
/// </remarks>
/// <param name="time">The clock.</param>
internal sealed class SignInAttempts(TimeProvider time)
{
    private const int Limit = 10;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _attempts = [];
    private long _start;

    /// <summary>Counts an attempt.</summary>
    /// <param name="address">The address of the client.</param>
    /// <returns>Whether the attempt is within the limit.</returns>
    public bool TryEnter(string address)
    {
        lock (_lock)
        {
            if (_attempts.Count == 0 || time.GetElapsedTime(_start) >= Window)
            {
                _attempts.Clear();
                _start = time.GetTimestamp();
            }

            var attempt = _attempts.GetValueOrDefault(address) + 1;
            _attempts[address] = attempt;
            return attempt <= Limit;
        }
    }
}

/// <summary>Answers 429 to attempts to sign in beyond the limit.</summary>
internal sealed class SignInLimit(SignInAttempts attempts) : IEndpointFilter
{
    /// <inheritdoc/>
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        attempts.TryEnter(context.HttpContext.Connection.RemoteIpAddress?.ToString() ?? "")
            ? next(context)
            : ValueTask.FromResult<object?>(TypedResults.StatusCode(StatusCodes.Status429TooManyRequests));
}
