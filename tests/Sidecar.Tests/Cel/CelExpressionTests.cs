using System.Text.Json;
using MLEvents.Local.Sidecar.Cel;

namespace MLEvents.Local.Sidecar.Tests.Cel;

public sealed class CelExpressionTests
{
    private const string Event = """
        {"type":"a.b","source":"src","n":6,"data":{"n":6,"s":"text","flag":true,"none":null,"list":[1,"two",{"x":3}],"deep":{"x":{"y":"z"}}}}
        """;

    [Theory]
    [InlineData("event.type == 'a.b'", true)]
    [InlineData("event.type != \"a.b\"", false)]
    [InlineData("event.data.n > 5 && event.data.n <= 6", true)]
    [InlineData("event.data.n < 5 || event.data.n >= 7", false)]
    [InlineData("!(event.data.flag)", false)]
    [InlineData("event.data.none == null", true)]
    [InlineData("event.data.list[0] == 1", true)]
    [InlineData("event.data.list[2].x == 3", true)]
    [InlineData("event['type'] == 'a.b'", true)]
    [InlineData("event.data.deep.x.y in ['y', 'z']", true)]
    [InlineData("'two' in event.data.list", true)]
    [InlineData("'deep' in event.data", true)]
    [InlineData("has(event.data.missing)", false)]
    [InlineData("has(event.data.n) ? event.data.n == 6 : false", true)]
    [InlineData("event.type.startsWith('a.') && event.type.endsWith('.b') && event.type.contains('.')", true)]
    [InlineData("event.data.s.matches('^t.xt$')", true)]
    [InlineData("size(event.data.list) == 3 && event.data.s.size() == 4 && size(event.data.deep) == 1", true)]
    [InlineData("int('7') == 7 && int(6.9) == 6 && double('1.5') == 1.5 && string(6) == '6'", true)]
    [InlineData("-event.data.n == -6", true)]
    [InlineData("event.data.list == [1, 'two', event.data.list[2]]", true)]
    [InlineData("'b' > 'a' && true >= false", true)]
    [InlineData("'tab\\t' == 'tab\\u0009'", true)]
    [InlineData("event.data.missing == 1 || event.data.n == 6", true)]
    [InlineData("event.data.missing == 1 && event.data.n == 7", false)]
    public void A_condition_is_evaluated_as_in_cel(string expression, bool expected) => Assert.Equal(expected, Holds(expression));

    [Theory]
    [InlineData("event.data.missing == 1", "no such key: missing")]
    [InlineData("event.missing.n == 1", "no such key: missing")]
    [InlineData("event.data.s > 1", "no such overload")]
    [InlineData("event.data.s && true", "no such overload")]
    [InlineData("event.type.x == 1", "no such overload")]
    [InlineData("event.data.list[9] == 1", "index out of bounds: 9")]
    [InlineData("event.data.n", "gives no bool")]
    [InlineData("event.data.n.startsWith('6')", "no such overload")]
    [InlineData("event.data.s.matches('(')", "no usable pattern")]
    [InlineData("!event.data.n", "no such overload")]
    [InlineData("event.data.missing == 1 || event.data.n == 7", "no such key: missing")]
    public void A_missing_key_or_a_wrong_type_is_an_error_and_no_mismatch(string expression, string message) =>
        Assert.Contains(message, Assert.Throws<CelException>(() => Holds(expression)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("event.type ==", "column 14")]
    [InlineData("event.type == 'a", "column 15")]
    [InlineData("events.type == 'a'", "'events' is unknown")]
    [InlineData("event.type.lower() == 'a'", "lower")]
    [InlineData("has(event)", "takes a field")]
    [InlineData("event.type == 'a' 'b'", "not expected")]
    [InlineData("(event.type == 'a'", "')' is missing")]
    [InlineData("event. == 'a'", "not expected")]
    [InlineData("event.data.list.exists(x, x == 1)", "'x' is unknown")]
    [InlineData("event.data.n + 1 == 7", "'+' is not understood")]
    [InlineData("event.type == '\\u12g4'", "four hex digits")]
    [InlineData("event.type == '\\u12'", "four hex digits")]
    public void What_is_outside_the_supported_part_is_refused_with_its_place(string expression, string message) =>
        Assert.Contains(message, Assert.Throws<CelException>(() => CelExpression.Parse(expression, "event")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("(", 5_000, "nested deeper than")]
    [InlineData("!", 9_000, "nested deeper than")]
    [InlineData("[", 9_000, "nested deeper than")]
    [InlineData("true||", 2_000, "too long")]
    public void What_would_end_the_stack_is_refused(string part, int times, string message) =>
        Assert.Contains(message, Assert.Throws<CelException>(() => CelExpression.Parse(string.Concat(Enumerable.Repeat(part, times)), "event")).Message, StringComparison.Ordinal);

    [Fact]
    public async Task The_longest_chain_is_evaluated_on_a_thread_of_the_pool() =>
        Assert.True(await Task.Run(() => Holds(string.Concat(Enumerable.Repeat("!1||", 2_499)) + "true"), TestContext.Current.CancellationToken));

    private static bool Holds(string expression)
    {
        using var document = JsonDocument.Parse(Event);
        return CelExpression.Parse(expression, "event").Holds(new Dictionary<string, object?> { ["event"] = document.RootElement });
    }
}
