using System.Text.Json.Nodes;

namespace MLEvents.Local.Proof;

/// <summary>The mails that came twice, and whether their actions say that this may be.</summary>
internal static class DoubtedMails
{
    /// <summary>How many of the mails beyond one for each action are told by their action.</summary>
    public static async Task<int> CountAsync(Uri notifier, Counts counts, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = notifier };
        var told = 0;
        foreach (var (action, mails) in counts.Mails.Where(mail => mail.Value > 1))
        {
            var record = await http.GetFromJsonAsync<JsonObject>(new Uri($"/actions/{action}", UriKind.Relative), cancellationToken);
            told += ((string?)record?["detail"] ?? "").Contains("it may arrive twice", StringComparison.Ordinal) ? mails - 1 : 0;
        }

        return told;
    }
}
