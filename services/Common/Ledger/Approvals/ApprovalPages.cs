using System.Text;
using System.Text.Encodings.Web;

namespace MLEvents.Ledger.Approvals;

/// <summary>Writes the pages of signed links. All text from events is encoded.</summary>
internal static class ApprovalPages
{
    /// <summary>The page of a question, with a form while the question is open.</summary>
    public static string Question(PendingApproval asked, string recipient)
    {
        var (record, question) = (asked.Record, asked.Question);
        var body = new StringBuilder();
        body.Append("<dl>");
        Add(body, "Rule", $"{record.Rule} ({record.Service})");
        Add(body, "Waits before", record.Approval?.Before ?? "");
        foreach (var (name, text) in question.Evidence)
        {
            Add(body, name, text);
        }

        Add(body, "Open until", $"{question.ExpiresAt:yyyy-MM-dd HH:mm} UTC");
        foreach (var decision in question.Decisions)
        {
            Add(body, "Decision", $"{decision} ({decision.At:yyyy-MM-dd HH:mm} UTC)");
        }

        body.Append("</dl>");
        body.Append(question.Outcome is null && !record.IsFinished ? Form(recipient) : "<p>This question is settled.</p>");
        return Document($"Approval of {record.Rule}", body.ToString());
    }

    /// <summary>A page with a message.</summary>
    public static string Message(string title, string text) => Document(title, $"<p>{Encode(text)}</p>");

    private static string Form(string recipient) => $"""
        <form method="post">
        <p>You decide as {Encode(recipient)}. This link works once.</p>
        <p><label>Comment<br><textarea name="comment" rows="3" cols="60" maxlength="{ApprovalControl.MaxCommentLength}"></textarea></label></p>
        <p><button name="decision" value="approve">Approve</button> <button name="decision" value="reject">Reject</button></p>
        </form>
        """;

    private static string Document(string title, string body) => $"""
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{Encode(title)}</title></head>
        <body><h1>{Encode(title)}</h1>{body}</body></html>
        """;

    private static void Add(StringBuilder body, string name, string text) => body.Append("<dt>").Append(Encode(name)).Append("</dt><dd>").Append(Encode(text)).Append("</dd>");

    private static string Encode(string text) => HtmlEncoder.Default.Encode(text);
}
