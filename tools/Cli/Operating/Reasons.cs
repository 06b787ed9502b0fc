using System.CommandLine;

using MLEvents.Events;

namespace MLEvents.Cli.Operating;

/// <summary>The option for the reason of an operator's change.</summary>
internal static class Reasons
{
    private const string Name = "--reason";

    public static Option<string?> Create()
    {
        var option = new Option<string?>(Name) { Description = $"The reason, for the record, the activity and the dashboard. At most {Intervention.MaxReason} characters." };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && token.Value.Length > Intervention.MaxReason)
            {
                result.AddError($"{Name} must have {Intervention.MaxReason} characters at most.");
            }
        });
        return option;
    }

    /// <summary>The query of a request.</summary>
    /// <param name="flag">Another parameter; null for none.</param>
    /// <param name="reason">The reason; null for none.</param>
    public static string Query(string? flag, string? reason)
    {
        var parts = new[] { flag, reason is null ? null : $"reason={Uri.EscapeDataString(reason)}" }.OfType<string>().ToList();
        return parts.Count == 0 ? "" : "?" + string.Join('&', parts);
    }
}
