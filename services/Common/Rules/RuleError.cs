namespace MLEvents.Rules;

/// <summary>An error or a warning about a rule file, or about a file that it names.</summary>
/// <param name="File">The file's path.</param>
/// <param name="Line">The line, counted from 1; 0 if the file could not be read at all.</param>
/// <param name="Column">The column, counted from 1; 0 if the file could not be read at all.</param>
/// <param name="Message">The error, for the file's author.</param>
public sealed record RuleError(string File, int Line, int Column, string Message)
{
    /// <summary>The error in the format of compilers, so that editors can open its position: <c>file(line,column): message</c>.</summary>
    public override string ToString() => $"{File}({Line},{Column}): {Message}";
}
