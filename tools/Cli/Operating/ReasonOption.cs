using System.CommandLine;

using MLEvents.Events;

namespace MLEvents.Cli.Operating;

/// <summary>The option for the reason of an operator's change.</summary>
internal static class ReasonOption
{
    private const string Name = "--reason";

    public static Option<string?> Create()
    {
        var option = new Option<string?>(Name) { Description = $"The reason for the change. It is stored, published and shown on the dashboard. At most {Intervention.MaxReasonLength} characters." };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && token.Value.Length > Intervention.MaxReasonLength)
            {
                result.AddError($"{Name} can have at most {Intervention.MaxReasonLength} characters.");
            }
        });
        return option;
    }

    /// <summary>Builds the query of a request, with its question mark; empty if there is no parameter.</summary>
    /// <param name="parameters">Further parameters, escaped and joined with <c>&amp;</c>; null for none.</param>
    /// <param name="reason">The reason; null for none.</param>
    public static string ToQuery(string? parameters, string? reason)
    {
        var parts = new[] { parameters, reason is null ? null : $"reason={Uri.EscapeDataString(reason)}" }.OfType<string>().ToList();
        return parts.Count == 0 ? "" : "?" + string.Join('&', parts);
    }
}
