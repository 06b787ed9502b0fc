using System.Text.Json;
using System.Text.Json.Serialization;

using MLEvents.Ledger;
using MLEvents.Notifier.Bindings;

namespace MLEvents.Notifier.Chat;

/// <summary>The answer of Slack's Web API, which reports errors with the status 200.</summary>
/// <param name="Ok">Whether Slack posted the message; null if the answer does not come from the Web API.</param>
/// <param name="Error">The code of the error.</param>
/// <param name="Id">The message's <c>ts</c>. A reply uses this value to name the message.</param>
/// <seealso href="https://docs.slack.dev/reference/methods/chat.postMessage"/>
internal sealed record SlackAnswer(bool? Ok, string? Error, [property: JsonPropertyName("ts")] string? Id)
{
    private static readonly string[] CredentialErrors =
        ["invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "missing_scope", "no_permission", "not_allowed_token_type", "access_denied"];

    private static readonly string[] TemporaryErrors = ["ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"];

    /// <summary>Reads an answer.</summary>
    /// <returns>The result if Slack did not post the message; else the message's id.</returns>
    public static (StepResult? Refusal, string? Id) Read(string binding, ReadOnlyMemory<byte> answer) => Parse(answer) switch
    {
        { Ok: true, Id: var id } => (null, id),
        { Ok: false, Error: var error } => (Refuse(binding, error ?? "an unknown error"), null),
        _ => (new Failed { Detail = $"the answer of binding {binding} does not come from Slack's Web API; let the component call the Web API's method chat.postMessage, or remove 'conversation' from the rule" }, null),
    };

    private static StepResult Refuse(string binding, string error)
    {
        var detail = $"Slack did not post the message of binding {binding}: {error}";
        return CredentialErrors.Contains(error) ? BindingFailure.RefuseCredential(binding, detail)
            : TemporaryErrors.Contains(error) ? new Retry { Detail = detail }
            : new Failed { Detail = detail };
    }

    private static SlackAnswer? Parse(ReadOnlyMemory<byte> answer)
    {
        try
        {
            return JsonSerializer.Deserialize(answer.Span, SlackAnswerJson.Default.SlackAnswer);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>JSON of the answer.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(SlackAnswer))]
internal sealed partial class SlackAnswerJson : JsonSerializerContext;
