namespace MLEvents.Rules;

/// <summary>One thing that is wrong with a rule file, or with a file that it names.</summary>
/// <param name="File">The file's path.</param>
/// <param name="Line">The line, counted from 1; 0 if the file could not be read at all.</param>
/// <param name="Column">The column, counted from 1; 0 if the file could not be read at all.</param>
/// <param name="Message">What is wrong, for the file's author.</param>
public sealed record RuleError(string File, int Line, int Column, string Message)
{
    /// <summary>The error as compilers print theirs, so that editors can jump to it: <c>file(line,column): message</c>.</summary>
    public override string ToString() => $"{File}({Line},{Column}): {Message}";
}
