using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace MLEvents.Local.Sidecar.Cel;

/// <summary>The functions an expression may call.</summary>
internal static class CelFunctions
{
    private const string Known = "has, size, int, double, string, startsWith, endsWith, contains, matches";
    private static readonly TimeSpan RegexLimit = TimeSpan.FromSeconds(1);

    /// <summary><c>name(arguments)</c>.</summary>
    public static CelNode Function(CelParser parser, string name, List<CelNode> arguments) => (name, arguments) switch
    {
        ("has", [CelField field]) => new CelHas(field),
        ("has", _) => throw parser.Error("has() takes a field, such as has(event.data.x)"),
        ("size", [var of]) => new CelCall(values => (object?)Size(values[0]), [of]),
        ("int", [var of]) => new CelCall(values => (object?)Math.Truncate(Number(values[0])), [of]),
        ("double", [var of]) => new CelCall(values => Number(values[0]), [of]),
        ("string", [var of]) => new CelCall(values => Text(values[0]), [of]),
        _ => throw Unknown(parser, name, arguments.Count),
    };

    /// <summary><c>target.name(arguments)</c>.</summary>
    public static CelNode Method(CelParser parser, string name, CelNode target, List<CelNode> arguments) => (name, arguments) switch
    {
        ("startsWith", [var with]) => Strings(target, with, (text, part) => text.StartsWith(part, StringComparison.Ordinal)),
        ("endsWith", [var with]) => Strings(target, with, (text, part) => text.EndsWith(part, StringComparison.Ordinal)),
        ("contains", [var with]) => Strings(target, with, (text, part) => text.Contains(part, StringComparison.Ordinal)),
        ("matches", [var with]) => Strings(target, with, Matches),
        ("size", []) => new CelCall(values => (object?)Size(values[0]), [target]),
        _ => throw Unknown(parser, name, arguments.Count),
    };

    private static CelException Unknown(CelParser parser, string name, int arguments) =>
        parser.Error($"the function {name} with {arguments} argument(s) is not supported; there is {Known}");

    private static CelCall Strings(CelNode target, CelNode argument, Func<string, string, bool> test) =>
        new(values => values is [string text, string part] ? test(text, part) : throw new CelException("no such overload"), [target, argument]);

    private static bool Matches(string text, string pattern)
    {
        try
        {
            return Regex.IsMatch(text, pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, RegexLimit);
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException or RegexMatchTimeoutException)
        {
            throw new CelException($"matches(): '{pattern}' is no usable pattern", error);
        }
    }

    private static double Size(object? value) => value switch
    {
        string text => text.Length,
        List<object?> list => list.Count,
        JsonElement json => json.GetPropertyCount(),
        _ => throw new CelException("no such overload"),
    };

    private static double Number(object? value) => value switch
    {
        double number => number,
        string text when double.TryParse(text, CultureInfo.InvariantCulture, out var number) => number,
        _ => throw new CelException("no such overload"),
    };

    private static string Text(object? value) => value switch
    {
        string text => text,
        bool truth => truth ? "true" : "false",
        double number => number.ToString(CultureInfo.InvariantCulture),
        _ => throw new CelException("no such overload"),
    };
}

internal sealed record CelHas(CelField Field) : CelNode
{
    public override object? Evaluate(IReadOnlyDictionary<string, object?> variables) => Field.Exists(variables);
}

internal sealed record CelCall(Func<List<object?>, object?> Function, IReadOnlyList<CelNode> Arguments) : CelNode
{
    public override object? Evaluate(IReadOnlyDictionary<string, object?> variables) =>
        Function([.. Arguments.Select(argument => argument.Evaluate(variables))]);
}
