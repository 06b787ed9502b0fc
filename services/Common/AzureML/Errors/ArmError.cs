namespace MLEvents.AzureML;

/// <summary>An error as Azure Resource Manager words it.</summary>
/// <param name="Code">The error's code, for example <c>ResourceNotFound</c>.</param>
/// <param name="Message">Text for people.</param>
/// <param name="Target">What it is about; <see langword="null"/> when not told.</param>
/// <param name="Details">The errors under it, possibly none.</param>
public sealed record ArmError(string Code, string Message, string? Target, IReadOnlyList<ArmError> Details)
{
    /// <summary>Code, message, target and all details in one line.</summary>
    public override string ToString()
    {
        var text = Target is null ? $"{Code}: {Message}" : $"{Code}: {Message} (target {Target})";
        return Details.Count == 0 ? text : $"{text} [{string.Join("; ", Details)}]";
    }
}
