using CsCheck;

using MLEvents.Rules.Conditions;
using MLEvents.Rules.Templates;
using MLEvents.Tests.Common;

namespace MLEvents.Rules.Tests;

/// <summary>Properties that are true for every input. Each test generates inputs at random.</summary>
public sealed class PropertyTests
{
    private static readonly string[] Fragments =
    [
        "alerts:", "\n", "\n  ", "\n    ", "- ", "name: x", "when: ", "{", "}", "[", "]", ",", ": ", "\"", "'", "|", ">", "&a", "*a", "!!str", "%", "#", "\t", "---", "...", "?", "~",
        "includedEventTypes: ", "advancedFilters: ", "operatorType: StringIn", "key: data.x", "values: ", "send: ", "channel: email", "to: a@b", "text: ", "{{ ", " }}", "{% if ", "%}",
        "not: ", "any: ", "subject", "\\u0000", "\u0000", "é", "1e999", "x",
    ];

    private static readonly string[] Names = ["x", "X", "y", "a.b", "\\ud800", "\\u0078", "é", ""];
    private static readonly string[] Scalars = ["null", "true", "1", "-1e400", "0.5", "\"text\"", "\"\\ud800\"", "\"\\u0000\"", "\"\"", "[]", "{}"];

    private static readonly Gen<string> Json = Gen.Recursive<string>((depth, inner) => depth > 3
        ? Pick(Scalars)
        : Gen.OneOf(
            Pick(Scalars),
            inner.Array[0, 4].Select(items => $"[{string.Join(',', items)}]"),
            Gen.Select(Pick(Names), inner).Array[0, 4].Select(members => $"{{{string.Join(',', members.Select(member => $"\"{member.Item1}\":{member.Item2}"))}}}")));

    private static readonly Condition[] Conditions =
    [
        .. FilterOperator.All.Values.SelectMany(operation => new[] { "data.x", "data.X.y", "data" }.Select(key => TestData.Condition(
            $"enableAdvancedFilteringOnArrays: {(key.Length > 5 ? "true" : "false")}\nadvancedFilters: [{{ operatorType: {operation.Name}, key: {key}, {OperandOf(operation)} }}]"))),
    ];

    [Fact]
    public void A_condition_never_throws_and_its_explanation_has_the_same_result() =>
        Json.Sample(
            data =>
            {
                var workflowEvent = TestData.Event(data);
                Assert.All(Conditions, condition => Assert.Equal(condition.Matches(workflowEvent), condition.Explain(workflowEvent).Matched));
            },
            iter: 500);

    [Fact]
    public void Any_text_is_a_key_or_is_refused_with_a_reason() =>
        Pick("data", "x", ".", "[", "]", "'", "\"", "a.b", " ", "id", "é", "\0").Array[0, 10].Select(string.Concat).Sample(
            text =>
            {
                var key = EventKey.Parse(text, out var error);
                Assert.Equal(key is null, error is { Length: > 0 });
                key?.Find(TestData.Event("""{"x":{"a.b":1}}"""));
            },
            iter: 2000);

    [Fact]
    public void Any_text_is_a_deduplication_key_or_is_refused_with_a_reason() =>
        Pick("run", "status", "event", "+", " ", "x", "").Array[0, 6].Select(string.Concat).Sample(
            text => Assert.Equal(DeduplicationKeySelector.Parse(text, out var error) is null, error is { Length: > 0 }),
            iter: 1000);

    [Fact]
    public void Any_text_is_a_rule_file_or_is_refused_with_a_reason()
    {
        using var folder = new TempFolder();
        Pick(Fragments).Array[0, 30].Select(string.Concat).Sample(
            text =>
            {
                var errors = ErrorsOf(folder.Write($"{Guid.NewGuid():N}.yaml", text));
                Assert.All(errors, error => Assert.NotEmpty(error.Message));
            },
            iter: 500);
    }

    [Fact]
    public void Any_bytes_are_refused_with_a_reason()
    {
        using var folder = new TempFolder();
        Gen.Byte.Array[1, 200].Sample(bytes => Assert.NotEmpty(ErrorsOf(folder.Write($"{Guid.NewGuid():N}.yaml", bytes))), iter: 500);
    }

    [Fact]
    public void Any_text_is_a_template_or_is_refused()
    {
        string[] fragments = ["{{", "}}", "{%", "%}", " id ", " data.x ", "|", "default: 'x'", "upcase", "if ", "endif", "elsif ", "else", "case ", "when ", "endcase", "unless ", "endunless", "for i in data.list", "for i in", "endfor", "break", "raw", "endraw", "comment", "endcomment", "'", "\"", "-", "(1..3)", "(1..9999999)", "(", ")", "[", "]", ".", "==", " and ", " contains ", "assign a =", "append: a", "concat: a", "json", "date: '%9999999Y'", ":", ",", "1e9", "-1", "\n", "x"];
        var model = TemplateModel.For(TestData.Event("""{"x":"{{ id }}","list":[1,2]}"""));
        Pick(fragments).Array[0, 16].Select(string.Concat).Sample(text => AssertRendersOrFails(text, model), iter: 5_000);
    }

    [Fact]
    public void Values_are_never_evaluated_and_never_end_a_header()
    {
        var template = Template.Parse("{{ subject }}", TemplateTarget.Header);
        Pick("{{ id }}", "{% if %}", "\r\n", "\n", "\u2028", "\0", "x", " ", "\u0085", "😀").Array[1, 60].Select(string.Concat).Sample(
            subject =>
            {
                var header = template.Render(TemplateModel.For(TestData.Event() with { Subject = subject.Length == 0 ? "x" : subject }));
                Assert.True(header.Length <= 200 && !header.Any(char.IsControl) && !header.Contains("event-1", StringComparison.Ordinal));
                Assert.DoesNotContain('\uFFFD', new string([.. header.EnumerateRunes().SelectMany(rune => rune.ToString())]));
            },
            iter: 500);
    }

    private static Gen<string> Pick(params string[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    private static void AssertRendersOrFails(string text, TemplateModel model)
    {
        try
        {
            Assert.NotNull(Template.Parse(text, TemplateTarget.Text).Render(model));
        }
        catch (TemplateException exception)
        {
            Assert.NotEmpty(exception.Message);
        }
    }

    private static IReadOnlyList<RuleError> ErrorsOf(string file)
    {
        try
        {
            RuleLoader.LoadAlerts(file);
            return [];
        }
        catch (RuleFileException exception)
        {
            return exception.Errors;
        }
    }

    private static string OperandOf(FilterOperator operation) => operation.Operand switch
    {
        FilterOperand.None => "value: null",
        FilterOperand.Bool => "value: true",
        FilterOperand.Number => "value: 1",
        FilterOperand.Ranges => "values: [[0, 1]]",
        FilterOperand.Numbers => "values: [1]",
        _ => "values: [te, text]",
    };
}
