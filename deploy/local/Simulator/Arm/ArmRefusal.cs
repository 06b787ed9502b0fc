namespace MLEvents.Local.Simulator.Arm;

/// <summary>The error of a request that ARM or a provider rejects. <see cref="ArmFilter"/> converts the exception to the answer.</summary>
internal sealed class ArmRefusal : InvalidOperationException
{
    private readonly int _status = StatusCodes.Status400BadRequest;
    private readonly string _code = "BadRequest";
    private readonly string? _target;

    /// <summary>Creates an error with status 400.</summary>
    public ArmRefusal()
    {
    }

    /// <summary>Creates an error with status 400.</summary>
    public ArmRefusal(string message)
        : base(message)
    {
    }

    /// <summary>Creates an error with status 400.</summary>
    public ArmRefusal(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates an error with a status and a code.</summary>
    public ArmRefusal(int status, string code, string message, string? target = null)
        : base(message) => (_status, _code, _target) = (status, code, target);

    /// <summary>The HTTP answer.</summary>
    public ArmReply Answer => ArmReply.Error(_status, _code, Message, _target);

    /// <summary>The body is not JSON, or a member is missing or invalid.</summary>
    public static ArmRefusal BadContent(string message, string? target = null) => new(StatusCodes.Status400BadRequest, "InvalidRequestContent", message, target);

    /// <summary>Azure ML's error for an invalid request.</summary>
    public static ArmRefusal UserError(string message, string? target = null) => new(StatusCodes.Status400BadRequest, "UserError", message, target);

    /// <summary>The resource does not exist.</summary>
    public static ArmRefusal NotFound(string id) =>
        new(StatusCodes.Status404NotFound, "ResourceNotFound", $"The Resource '{Tail(id)}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix", Tail(id));

    /// <summary>The state of the resource does not allow the request.</summary>
    public static ArmRefusal Conflict(string message, string? target = null) => new(StatusCodes.Status409Conflict, "Conflict", message, target);

    private static string Tail(string id) => id[(id.LastIndexOf("/providers/", StringComparison.OrdinalIgnoreCase) + 1)..].Replace("providers/", "", StringComparison.OrdinalIgnoreCase);
}
