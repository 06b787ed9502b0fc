using System.Net.Http.Headers;
using System.Text.Json;

using MLEvents.Events;
using MLEvents.ServiceDefaults;

namespace MLEvents.Local.Verify;

/// <summary>Counts the duplicate mails whose actions report that a mail may arrive twice.</summary>
internal static class ReportedDuplicates
{
    /// <summary>
    /// Counts the reported duplicates. If the detail of an action reports that its mail may arrive twice, each mail of the action after the first one counts.
    /// </summary>
    /// <param name="notifier">The address of the notifier's operator API.</param>
    /// <param name="counts">The counts of the simulator.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public static async Task<int> CountAsync(Uri notifier, OutcomeCounts counts, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = notifier };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", OperationsOptions.LocalToken);
        var reported = 0;
        foreach (var (action, mails) in counts.Mails.Where(mail => mail.Value > 1))
        {
            reported += (await DetailAsync(http, action, cancellationToken)).Contains("it may arrive twice", StringComparison.Ordinal) ? mails - 1 : 0;
        }

        return reported;
    }

    // An action whose record cannot be read counts as not reported.
    private static async Task<string> DetailAsync(HttpClient http, string action, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri($"/actions/{action}", UriKind.Relative), cancellationToken);
            return answer.IsSuccessStatusCode && JsonText.Text(JsonElement.Parse(await answer.Content.ReadAsByteArrayAsync(cancellationToken)), "detail") is { } detail ? detail : "";
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException)
        {
            return "";
        }
    }
}
