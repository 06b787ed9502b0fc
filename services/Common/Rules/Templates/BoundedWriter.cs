using System.Globalization;
using System.Text;

namespace MLEvents.Rules.Templates;

/// <summary>Collects text. A write that would exceed the limit of characters throws a <see cref="TemplateException"/>.</summary>
internal sealed class BoundedWriter(int limit) : StringWriter(new StringBuilder(), CultureInfo.InvariantCulture)
{
    /// <inheritdoc/>
    public override void Write(char value)
    {
        Check(1);
        base.Write(value);
    }

    /// <inheritdoc/>
    public override void Write(string? value)
    {
        Check(value?.Length ?? 0);
        base.Write(value);
    }

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count)
    {
        Check(count);
        base.Write(buffer, index, count);
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<char> buffer)
    {
        // The base class is not called: in a derived class it would copy the buffer first.
        Check(buffer.Length);
        GetStringBuilder().Append(buffer);
    }

    private void Check(int more)
    {
        if (GetStringBuilder().Length + more > limit)
        {
            throw new TemplateException($"the output is longer than {limit} characters");
        }
    }
}
