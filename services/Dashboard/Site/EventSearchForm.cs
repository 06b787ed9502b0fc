using System.Diagnostics.CodeAnalysis;

using MLEvents.Dashboard.History;

namespace MLEvents.Dashboard.Site;

/// <summary>The fields of the form that searches for events.</summary>
internal sealed record EventSearchForm(string? Type, string? Workspace, string? Subject, string? Data, string? Text, string? From, string? To, long? Before)
{
    /// <summary>Converts the fields to a search, or returns an error for the user.</summary>
    public bool TryRead(int limit, [NotNullWhen(true)] out EventSearch? search, [NotNullWhen(false)] out string? error)
    {
        (search, error) = (null, null);
        var equals = Data?.IndexOf('=', StringComparison.Ordinal) ?? -1;
        if (Data is { Length: > 0 } && (equals < 1 || !Data.TrimStart().StartsWith("data.", StringComparison.OrdinalIgnoreCase)))
        {
            error = $"'{Data}' is not a condition on the data. Write a path, '=' and the value, for instance: data.runStatus = Failed";
        }
        else if (!QueryTime.TryRead(From, out var from) || !QueryTime.TryRead(To, out var to))
        {
            error = "The times must be dates with a time, for instance 2026-11-01T12:00.";
        }
        else
        {
            search = new EventSearch
            {
                Type = Type is { Length: > 0 } ? EventText.FullType(Type.Trim()) : null,
                Workspace = Workspace?.Trim(),
                Subject = Subject?.Trim(),
                Path = Data is { Length: > 0 } ? Data[..equals].Trim() : null,
                Value = Data is { Length: > 0 } ? Data[(equals + 1)..].Trim().Trim('"') : null,
                Text = Text,
                From = from,
                To = to,
                Before = Before,
                Limit = limit,
            };
        }

        return search is not null;
    }
}
