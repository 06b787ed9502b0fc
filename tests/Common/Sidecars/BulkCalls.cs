using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLEvents.Tests.Common.Sidecars;

/// <summary>Reads the requests of bulk subscriptions, and creates the answers to them.</summary>
public static class BulkCalls
{
    /// <summary>Whether a request belongs to a bulk subscription.</summary>
    public static bool IsBulk(this Call call)
    {
        ArgumentNullException.ThrowIfNull(call);
        return call.Body.StartsWith("{\"entries\":", StringComparison.Ordinal);
    }

    /// <summary>The entries of a request.</summary>
    public static IReadOnlyList<JsonElement> Entries(this Call call)
    {
        ArgumentNullException.ThrowIfNull(call);
        using var body = JsonDocument.Parse(call.Body);
        return [.. body.RootElement.Clone().GetProperty("entries").EnumerateArray()];
    }

    /// <summary>The data of each entry's event as JSON, in the order of the request.</summary>
    public static IReadOnlyList<string> Data(this Call call) => [.. call.Entries().Select(entry => entry.GetProperty("event").GetProperty("data").GetRawText())];

    /// <summary>Returns an answer with a status for each entry. Entries for which <paramref name="status"/> returns null are left out.</summary>
    public static (int Status, string Body) AnswerEach(this Call call, Func<JsonElement, int, string?> status)
    {
        ArgumentNullException.ThrowIfNull(status);
        var statuses = call.Entries()
            .Select((entry, index) => (Id: entry.GetProperty("entryId").GetString(), Status: status(entry, index)))
            .Where(item => item.Status is not null)
            .Select(item => new JsonObject { ["entryId"] = item.Id, ["status"] = item.Status });
        return (200, new JsonObject { ["statuses"] = new JsonArray([.. statuses]) }.ToJsonString());
    }

    /// <summary>Returns the answer of an app that has handled every entry. The answer to a single message is empty.</summary>
    public static (int Status, string Body) AnswerSuccess(this Call call) => call.IsBulk() ? call.AnswerEach((_, _) => "SUCCESS") : (200, "");
}
