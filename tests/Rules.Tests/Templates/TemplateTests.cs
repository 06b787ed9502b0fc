using System.Text.Json;

using MLEvents.Events;
using MLEvents.Rules.Templates;

namespace MLEvents.Rules.Tests.Templates;

/// <summary>The results and the errors of templates.</summary>
public sealed class TemplateTests
{
    private const string Data = """
        {"runId":"run 1","driftCoefficient":0.83,"version":20,"flag":true,"nul":null,"list":["a","b"],"html":"<b>&\"x\"","text":"say \"hi\"\\ \u0001",
         "runTags":{"azureml.x":"dotted","Owner":"Ann"},"evil":"{{ id }}{% raw %}","lines":"a\r\nBcc: eve@example.com\u2028b\u0000"}
        """;

    [Theory]
    [InlineData("{{ id }} {{ eventType }} {{ subject }} {{ time }}", "event-1 RunCompleted experiments/e/runs/r 2026-03-04T05:06:07Z")]
    [InlineData("{{ type }}", EventTypes.RunCompleted)]
    [InlineData("{{ source }}", TestData.Workspace)]
    [InlineData("{{ workspace.subscriptionId }} {{ workspace.resourceGroup }} {{ workspace.name }}", "00000000-0000-0000-0000-000000000001 ml-local ml-local")]
    [InlineData("{{ workspace.id }}", TestData.Workspace)]
    [InlineData("{{ correlationId }}", "event-1")]
    [InlineData("{{ data.RUNID }} {{ data.driftcoefficient }} {{ data.version }} {{ data.flag }}", "run 1 0.83 20 true")]
    [InlineData("{{ data.runTags['azureml.x'] }} {{ data.runTags.owner }}", "dotted Ann")]
    [InlineData("{{ data.list }} {{ data.runTags }}", """a, b {"azureml.x":"dotted","Owner":"Ann"}""")]
    [InlineData("{% for item in data.list %}<{{ item }}>{% endfor %}", "<a><b>")]
    [InlineData("{% if data.absent %}x{% elsif data.driftCoefficient > 0.3 %}drift{% endif %}", "drift")]
    [InlineData("{% case data.version %}{% when 20 %}twenty{% else %}other{% endcase %}", "twenty")]
    [InlineData("{% assign up = data.runId | upcase %}{{ up }}", "RUN 1")]
    [InlineData("{{ data.absent | default: 'none' }} {{ data.nul | upcase | default: \"null\" }}", "none null")]
    [InlineData("{{ time | date: \"%Y/%m/%d\" }}", "2026/03/04")]
    [InlineData("{% raw %}{{ nothing }}{% endraw %}{% comment %}{{ nothing }}{% endcomment %}", "{{ nothing }}")]
    [InlineData("  {{- id -}}  .", "event-1.")]
    [InlineData("{{ 'a}}b|c' }}", "a}}b|c")]
    [InlineData("{{ data.evil }}", "{{ id }}{% raw %}")]
    [InlineData("{{ 7 | divided_by: 2 }} {{ 7 | divided_by: 2.0 }} {{ 7 | modulo: 3 }} {{ 0.1 | plus: 0.2 }} {{ '3' | plus: 1 }}", "3 3.5 1 0.3 4")]
    [InlineData("{% if 'abc' contains 'b' and data.list contains 'a' %}{% if 'A' == 'a' or data.version == '20' %}no{% else %}yes{% endif %}{% endif %}", "yes")]
    [InlineData("{% if data.absent == nil and data.nul == null and data.list != empty %}yes{% endif %}", "yes")]
    [InlineData("{{ data.list.size }} {{ data.list.first }} {{ data.list[1] }} {{ data.runTags | size }}", "2 a b 2")]
    [InlineData("{% for item in data.list reversed %}{{ item }}{{ forloop.index }}/{{ forloop.length }} {% else %}none{% endfor %}", "b1/2 a2/2 ")]
    [InlineData("{% for item in data.list %}{{ last | default: '-' }}{% assign last = item %}{% endfor %}{{ last }}", "-ab")]
    [InlineData("{% assign drift = data.runTags %}{{ drift.owner }}", "Ann")]
    [InlineData("{% assign numbers = (1..3) %}{{ numbers }} {{ numbers | join: '' }}", "1, 2, 3 123")]
    [InlineData("{{ time | date: '%e %b %Y %H:%M, %3N' }}", " 4 Mar 2026 05:06, 000")]
    [InlineData("", "")]
    public void Variables_render(string template, string expected) =>
        Assert.Equal(expected, Render(template, TemplateTarget.Text));

    [Fact]
    public void In_html_values_are_encoded_but_the_template_is_not() =>
        Assert.Equal("<p>&lt;b&gt;&amp;&quot;x&quot;</p>", Render("<p>{{ data.html }}</p>", TemplateTarget.Html));

    [Fact]
    public void A_header_is_one_line_without_control_characters() =>
        Assert.Equal("Drift: a Bcc: eve@example.com b", Render("Drift:\r\n {{ data.lines }}", TemplateTarget.Header));

    [Theory]
    [InlineData("a\r\nLink: https://evil.example\rb", "Result: a\n    Link: https://evil.example\n    b\nLink: x")]
    [InlineData("a\u2028b\u0085c", "Result: a\n    b\n    c\nLink: x")]
    [InlineData("gpj\u202Eexe\u2066.\u0007\u001B[1m\ttab", "Result: gpjexe.[1m\ttab\nLink: x")]
    public void A_line_break_in_a_value_is_indented_in_a_text(string value, string expected) =>
        Assert.Equal(expected, Template.Parse("Result: {{ data.value }}\nLink: x", TemplateTarget.Text).Render(TemplateModel.For(TestData.Event(JsonSerializer.Serialize(new { value })))));

    [Fact]
    public void A_header_is_cut_without_breaking_a_character()
    {
        var header = Render(new string('x', 198) + "\U0001F600\U0001F600", TemplateTarget.Header);

        Assert.Equal(new string('x', 198) + "…", header);
    }

    [Fact]
    public void Json_keeps_values_within_their_quotes() =>
        Assert.Equal("""{"a":"say \"hi\"\\ \u0001"}""", Render("""{"a":"{{ data.text }}"}""", TemplateTarget.Json));

    [Fact]
    public void A_json_template_can_contain_a_whole_value() =>
        Assert.Equal("""{"tags":{"azureml.x":"dotted","Owner":"Ann"},"n":0.83,"z":null}""", Render("""{"tags":{{ data.runTags | json }},"n":{{ data.driftCoefficient | json }},"z":{{ data.nul | default: nil | json }}}""", TemplateTarget.Json));

    [Fact]
    public void The_output_of_the_json_filter_is_encoded_in_an_html_template() =>
        Assert.Equal("&quot;&lt;b&gt;&amp;\\&quot;x\\&quot;&quot;", Render("{{ data.html | json }}", TemplateTarget.Html));

    [Fact]
    public void A_json_template_that_renders_no_json_fails() =>
        Assert.Contains("does not render to JSON", Fails("""{"a":{{ data.text }}}""", TemplateTarget.Json).Message, StringComparison.Ordinal);

    [Fact]
    public void An_argument_is_trimmed() =>
        Assert.Equal("run 1", Render("\n  {{ data.runId }} \n", TemplateTarget.Argument));

    [Theory]
    [InlineData("{{ \uFFFF ", 4)]
    [InlineData("{{ id | upcase }}{{ \uFFFFid | split: '/' ", 21)]
    [InlineData("text \uFFFF", 6)]
    public void A_template_with_the_end_character_of_the_parser_is_refused(string template, int column)
    {
        var refused = Assert.Throws<TemplateException>(() => Template.Parse(template, TemplateTarget.Text));

        Assert.Equal(("the character U+FFFF is not allowed in a template", column), (refused.Message, refused.Column));
    }

    [Theory]
    [InlineData("{{ data.absent }}", "'data.absent'")]
    [InlineData("{{ data.nul }}", "'data.nul'")]
    [InlineData("{{ data.absent.deeper | append: 'x' }}", "'data.absent.deeper | append: 'x''")]
    [InlineData("{{ data.list | slice: 'x' }}", "")]
    public void A_template_fails_if_a_value_does_not_exist(string template, string expected) =>
        Assert.Contains(expected, Fails(template, TemplateTarget.Text).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("{% for i in (1..2000) %}x{% endfor %}", "iterations")]
    [InlineData("{% for i in (1..900) %}{% for j in (1..900) %}{{ data.text }}{% endfor %}{% endfor %}", "20000 steps")]
    [InlineData("{% for i in (1..1000) %}{% for j in (1..1000) %}{% endfor %}{% endfor %}", "20000 steps")]
    [InlineData("{{ (1..2000000000) | size }}", "iterations")]
    [InlineData("{% assign x = 'x' %}{% for i in (1..99) %}{% assign x = x | append: x %}{% endfor %}", "'append' is longer than")]
    [InlineData("{% assign x = data.list %}{% for i in (1..99) %}{% assign x = x | concat: x %}{% endfor %}", "'concat' is longer than")]
    [InlineData("{% assign x = data.big | replace: 'x', data.big %}", "'replace' is longer than")]
    [InlineData("{% assign x = data.big | replace: '', data.big %}", "'replace' is longer than")]
    [InlineData("{% assign x = data.big | split: '' | join: data.big %}", "'join' is longer than")]
    [InlineData("{% assign x = time | date: '%999999999Y' %}", "'date' is longer than")]
    [InlineData("{% assign x = time | date: '%_^0999999999Y' %}", "'date' is longer than")]
    [InlineData("{% for i in (1..999) %}{% assign x = data.big | upcase %}{% endfor %}", "process more than")]
    public void The_work_of_a_template_is_limited(string template, string expected) =>
        Assert.Contains(expected, Assert.Throws<TemplateException>(() => Template.Parse(template, TemplateTarget.Text).Render(Big)).Message, StringComparison.Ordinal);

    [Fact]
    public void Long_lists_are_not_copied_at_every_access()
    {
        var template = Template.Parse("{% for i in (1..1000) %}{{ data.list[9] }}{% endfor %}", TemplateTarget.Text);
        template.Render(Big);
        var before = GC.GetAllocatedBytesForCurrentThread();

        template.Render(Big);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 10_000_000);
    }

    [Theory]
    [InlineData("", "{% if id %}", "", "{% endif %}", "")]
    [InlineData("", "{% if id %}", "", "", "")]
    [InlineData("", "{% for i in data %}", "", "{% endfor %}", "")]
    [InlineData("{{ ", "data[", "id", "]", " }}")]
    [InlineData("{% if ", "data[", "", "", "")]
    [InlineData("{% if ", "id and ", "id", "", "%}{% endif %}")]
    [InlineData("{{ id", "| upcase", "", "", " }}")]
    public void A_template_cannot_nest_so_deeply_that_the_stack_runs_out(string start, string opening, string middle, string closing, string end)
    {
        var template = start + Repeated(opening) + middle + Repeated(closing) + end;

        Assert.Contains("nested too deeply", Assert.Throws<TemplateException>(() => Template.Parse(template, TemplateTarget.Text)).Message, StringComparison.Ordinal);

        static string Repeated(string text) => string.Concat(Enumerable.Repeat(text, 30_000));
    }

    [Fact]
    public void The_length_of_an_output_is_limited()
    {
        var template = new string('x', 300 * 1024);

        Assert.Contains("longer than", Fails(template, TemplateTarget.Text).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a\n  {{ foo }}", "unknown variable 'foo'", 2, 3)]
    [InlineData("{{ subjekt }}", "unknown variable 'subjekt'; did you mean 'subject'?", 1, 1)]
    [InlineData("{{ workspace.nam }}", "unknown variable 'workspace.nam'; did you mean 'name'?", 1, 1)]
    [InlineData("{{ id | append: foo }}", "unknown variable 'foo'", 1, 1)]
    [InlineData("{% if foo == 'x' %}{% endif %}", "unknown variable 'foo'", 1, 1)]
    [InlineData("{{ data[foo] }}", "unknown variable 'foo'", 1, 1)]
    [InlineData("{{ model.name }}", "unknown variable 'model'", 1, 1)]
    [InlineData("{{ data[workspace['nam']] }}", "unknown variable 'workspace.nam'; did you mean 'name'?", 1, 1)]
    [InlineData("{{ 'a' | default: 'b', allow_false: foo }}", "unknown variable 'foo'", 1, 1)]
    [InlineData("{% if id == 'x' or id contains foo %}{% endif %}", "unknown variable 'foo'", 1, 1)]
    [InlineData("{% if id %}{% elsif foo %}{% endif %}", "unknown variable 'foo'", 1, 12)]
    [InlineData("{% if id %}{% else %}{{ foo }}{% endif %}", "unknown variable 'foo'", 1, 22)]
    [InlineData("{% unless foo %}{% endunless %}", "unknown variable 'foo'", 1, 1)]
    [InlineData("{% case foo %}{% when 1 %}{% endcase %}", "unknown variable 'foo'", 1, 1)]
    [InlineData("{% case id %}{% when 'a' or foo %}{% endcase %}", "unknown variable 'foo'", 1, 14)]
    [InlineData("{% case id %}{% when 'a' %}{% else %}{{ foo }}{% endcase %}", "unknown variable 'foo'", 1, 38)]
    [InlineData("{{ id }}{% for x in foo %}{% endfor %}", "unknown variable 'foo'", 1, 9)]
    [InlineData("{% for x in (1..foo) limit: id %}{% endfor %}", "unknown variable 'foo'", 1, 1)]
    [InlineData("{% for x in data.x offset: foo %}{% endfor %}", "unknown variable 'foo'", 1, 1)]
    [InlineData("{% for x in data.x %}{{ x }}{{ foo }}{% endfor %}", "unknown variable 'foo'", 1, 29)]
    [InlineData("{% assign x = foo %}", "unknown variable 'foo'", 1, 1)]
    [InlineData("{% assign drift = drift.zzzzzzzz %}", "unknown variable 'drift.zzzzzzzz'", 1, 1)]
    [InlineData("{{ forloop.index }}", "unknown variable 'forloop'", 1, 1)]
    [InlineData("{{ bar }}{{ foo | upcas }}", "unknown variable 'bar'", 1, 1)]
    [InlineData("{{ id | upcas }}", "unknown filter 'upcas'; did you mean 'upcase'?", 1, 1)]
    [InlineData("x{% include 'other' %}", "unknown tag 'include'", 1, 2)]
    [InlineData("{% capture x %}{% endcapture %}", "unknown tag 'capture'", 1, 1)]
    [InlineData("{% render 'other' %}", "unknown tag 'render'", 1, 1)]
    [InlineData("{{ id | raw }}", "unknown filter 'raw'", 1, 1)]
    [InlineData("\n{%- esif -%}", "unknown tag 'esif'; did you mean 'elsif'?", 2, 1)]
    [InlineData("{{ id }}{% endif %}", "unexpected tag 'endif'", 1, 9)]
    [InlineData("{% if (id) %}{% endif %}", "Parentheses are not allowed in order to group expressions.", 1, 1)]
    [InlineData("a\n {% if id %} b {{ id }} c", "'{% endif %}' was expected", 2, 2)]
    [InlineData("{{ id", "End of tag '}}' was expected", 1, 1)]
    [InlineData("\n{% if id", "Invalid 'if' tag", 2, 1)]
    [InlineData("{% raw %}{{", "Not end tag found for {% raw %}", 1, 1)]
    [InlineData("{% if id %}", "'{% endif %}' was expected", 1, 1)]
    [InlineData("{{ }}", "A value was expected", 1, 1)]
    public void A_wrong_template_is_refused_with_its_place(string template, string message, int line, int column)
    {
        var error = Assert.Throws<TemplateException>(() => Template.Parse(template, TemplateTarget.Text));

        Assert.Equal((message, line, column), (error.Message, error.Line, error.Column));
    }

    [Fact]
    public void Additional_variables_are_known_if_the_caller_names_them()
    {
        var template = Template.Parse("{{ model.name }} {{ extra.deep }}", TemplateTarget.Text, ["model", "extra"]);
        var extra = new Dictionary<string, object?> { ["model"] = new Dictionary<string, object?> { ["name"] = "churn" }, ["extra"] = new Dictionary<string, object?> { ["deep"] = 1 } };

        Assert.Equal("churn 1", template.Render(TemplateModel.For(TestData.Event(), extra: extra)));
    }

    [Fact]
    public void Templates_are_rendered_by_many_threads_at_once()
    {
        var template = Template.Parse("{% for item in data.list %}{{ item }}{{ data.runId }}{% endfor %}", TemplateTarget.Text);
        var model = TemplateModel.For(TestData.Event(Data));

        var outputs = Enumerable.Range(0, 200).AsParallel().WithDegreeOfParallelism(4).Select(_ => template.Render(model)).Distinct();

        Assert.Equal("arun 1brun 1", Assert.Single(outputs));
    }

    private static TemplateModel Big => TemplateModel.For(TestData.Event($$"""{"big":"{{new string('x', 100_000)}}","text":"x","list":[{{string.Join(',', Enumerable.Range(0, 10_000))}}]}"""));

    private static string Render(string template, TemplateTarget target) => Template.Parse(template, target).Render(TemplateModel.For(TestData.Event(Data)));

    private static TemplateException Fails(string template, TemplateTarget target) => Assert.Throws<TemplateException>(() => Render(template, target));
}
