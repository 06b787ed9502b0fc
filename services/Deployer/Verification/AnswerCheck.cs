using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

using MLEvents.AzureML.Scoring;
using MLEvents.Events;
using MLEvents.Rules.Rollouts;
using MLEvents.ServiceDefaults;

namespace MLEvents.Deployer.Verification;

/// <summary>Compares the answers to a sample request with the rule's expectation.</summary>
internal static class AnswerCheck
{
    private const int MaxQuoteLength = 400;

    /// <summary>Describes the first difference; null if all answers meet the expectation.</summary>
    /// <param name="check">The sample request.</param>
    /// <param name="answers">The answers of the new deployment, at least one.</param>
    /// <param name="current">The answer of the deployment in service; null if the answers are not compared with it.</param>
    public static string? FindFault(SampleCheck check, IReadOnlyList<ScoringResult> answers, ScoringResult? current)
    {
        for (var index = 0; index < answers.Count; index++)
        {
            if (FindFault(check.Expect, answers[index]) is { } fault)
            {
                var which = answers.Count == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $", request {index + 1} of {answers.Count}");
                return $"verification '{check.Name}'{which}: {fault}{Evidence(check, answers[index])}";
            }
        }

        var slow = FindDelay(check.Expect, answers);
        var different = slow is null && current is not null ? FindDifference(check.Expect, answers[0], current) : null;
        return slow is not null ? $"verification '{check.Name}': {slow}"
            : different is not null ? $"verification '{check.Name}': {different}{Evidence(check, answers[0])}"
            : null;
    }

    /// <summary>Cuts a string to 400 characters, so that a message can quote it.</summary>
    public static string Quote(string text) => Truncation.Truncate(text, MaxQuoteLength);

    /// <summary>The percentile of the response times: the time within which <paramref name="percentile"/> percent of the requests were answered.</summary>
    public static TimeSpan LatencyOf(IEnumerable<ScoringResult> answers, int percentile) => Percentile.Calculate(answers.Select(answer => answer.Latency.Ticks), percentile);

    private static string? FindFault(AnswerExpectation expect, ScoringResult answer)
    {
        if (answer.Status != expect.Status)
        {
            return string.Create(CultureInfo.InvariantCulture, $"the status is {answer.Status}, expected {expect.Status}");
        }

        if (expect.Schema is { } schema && AnswerSchema.FindFault(schema, answer.Body) is { } misfit)
        {
            return misfit;
        }

        if (expect.JsonPath is null)
        {
            return null;
        }

        if (ValueIn(answer, expect.JsonPath) is not { } value)
        {
            return $"the answer has no value at {expect.JsonPath}";
        }

        return expect.EqualTo is not null && !IsEqual(value, JsonElement.Parse(expect.EqualTo)) ? $"{expect.JsonPath} is {Quote(value.GetRawText())}, expected {expect.EqualTo}"
            : expect.Matches is not null && !Regex.IsMatch(TextOf(value), expect.Matches, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)
                ? $"{expect.JsonPath} is {Quote(value.GetRawText())}, which does not match {expect.Matches}"
            : expect.Between is { } range && !(NumberOf(value) is { } number && number >= range.Least && number <= range.Most)
                ? string.Create(CultureInfo.InvariantCulture, $"{expect.JsonPath} is {Quote(value.GetRawText())}, expected {range.Least} to {range.Most}")
            : null;
    }

    private static string? FindDelay(AnswerExpectation expect, IReadOnlyList<ScoringResult> answers)
    {
        var measured = LatencyOf(answers, expect.Percentile);
        return expect.MaxLatency is { } max && measured > max
            ? string.Create(CultureInfo.InvariantCulture, $"percentile {expect.Percentile} of the latency is {measured.TotalMilliseconds:F0} ms over {answers.Count} requests, at most {max.TotalMilliseconds:F0} ms is allowed")
            : null;
    }

    private static string? FindDifference(AnswerExpectation expect, ScoringResult answer, ScoringResult current)
    {
        if (expect is not { MaxDifferenceToCurrent: { } max, JsonPath: { } path })
        {
            return null;
        }

        var (own, other) = (ValueIn(answer, path), ValueIn(current, path));
        if (own is not { } value || other is not { } reference)
        {
            return string.Create(CultureInfo.InvariantCulture, $"the deployment in service answered with status {current.Status} and no value at {path}, so the answers cannot be compared");
        }

        var isClose = (NumberOf(value), NumberOf(reference)) is ({ } left, { } right) ? Math.Abs(left - right) <= max : IsEqual(value, reference);
        return isClose ? null : string.Create(CultureInfo.InvariantCulture, $"{path} is {Quote(value.GetRawText())}, but {Quote(reference.GetRawText())} from the deployment in service; the rule allows a difference of {max}");
    }

    private static string Evidence(SampleCheck check, ScoringResult answer) => $"\n--- request\n{Quote(check.Body)}\n--- answer\n{Quote(answer.Body)}";

    private static JsonElement? ValueIn(ScoringResult answer, string path)
    {
        try
        {
            return JsonPath.TryParse(path, out var parsed) ? parsed.Find(JsonElement.Parse(answer.Body)) : null;
        }
        catch (JsonException)
        {
            // An answer that is not JSON contains no value.
            return null;
        }
    }

    // A scoring script that returns json.dumps(...) responds with a string, so a number in a string counts as a number.
    private static double? NumberOf(JsonElement value) =>
        double.TryParse(TextOf(value), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;

    private static string TextOf(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : value.GetRawText();

    private static bool IsEqual(JsonElement one, JsonElement other) => JsonElement.DeepEquals(one, other);
}
