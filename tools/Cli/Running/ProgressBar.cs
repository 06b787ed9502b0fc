using System.Globalization;

namespace MLEvents.Cli.Running;

/// <summary>How far a long command has come; drawn on a terminal only.</summary>
/// <param name="terminal">Where it is drawn.</param>
/// <param name="total">The bytes to be read.</param>
internal sealed class ProgressBar(Terminal terminal, long total)
{
    private const int Width = 40;

    private long _finished;
    private int _percent = -1;

    /// <summary>Bytes of the current file that are read.</summary>
    public void Report(long read)
    {
        var percent = total == 0 ? 100 : (int)((_finished + read) * 100 / total);
        if (!terminal.Progress || percent == _percent)
        {
            return;
        }

        _percent = percent;
        var done = percent * Width / 100;
        terminal.Error.Write(string.Create(CultureInfo.InvariantCulture, $"\r[{new string('#', done)}{new string('.', Width - done)}] {percent,3} %"));
    }

    /// <summary>The current file is done.</summary>
    public void Finish(long length) => _finished += length;

    /// <summary>Wipes the bar away, so that nothing of it is left beside the result.</summary>
    public void Clear()
    {
        if (terminal.Progress)
        {
            terminal.Error.Write($"\r{new string(' ', Width + 8)}\r");
        }
    }
}
