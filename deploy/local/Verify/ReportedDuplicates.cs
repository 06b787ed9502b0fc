using System.Net.Http.Headers;
using System.Text.Json.Nodes;

using MLEvents.ServiceDefaults;

namespace MLEvents.Local.Verify;

/// <summary>The mails that came twice, and whether their actions say that this may be.</summary>
internal static class ReportedDuplicates
{
    /// <summary>How many of the mails beyond one for each action are told by their action.</summary>
    /// <param name="notifier">Where the notifier's operators' API is.</param>
    /// <param name="counts">What the simulator counted.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public static async Task<int> CountAsync(Uri notifier, OutcomeCounts counts, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = notifier };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", OperationsOptions.LocalToken);
        var told = 0;
        foreach (var (action, mails) in counts.Mails.Where(mail => mail.Value > 1))
        {
            told += (await DetailAsync(http, action, cancellationToken)).Contains("it may arrive twice", StringComparison.Ordinal) ? mails - 1 : 0;
        }

        return told;
    }

    // What can't be asked has not been told.
    private static async Task<string> DetailAsync(HttpClient http, string action, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri($"/actions/{action}", UriKind.Relative), cancellationToken);
            var record = answer.IsSuccessStatusCode ? await answer.Content.ReadFromJsonAsync<JsonObject>(cancellationToken) : null;
            return (string?)record?["detail"] ?? "";
        }
        catch (HttpRequestException)
        {
            return "";
        }
    }
}
