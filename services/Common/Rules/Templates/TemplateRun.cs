using Fluid;
using Fluid.Values;

namespace MLEvents.Rules.Templates;

/// <summary>One run of a template, and its limits. All limits are counts, not times, so that a template renders on every machine or on none.</summary>
internal sealed class TemplateRun : TemplateContext
{
    /// <summary>The largest number of statements that a run executes. A statement in a loop counts once for each iteration.</summary>
    public const int StepLimit = 20_000;

    /// <summary>The largest number of characters that a template may write and that a filter may produce.</summary>
    public const int TextLimit = 256 * 1024;

    private const int WorkLimit = 64 * TextLimit;

    private int _work;

    /// <summary>Starts a run.</summary>
    public TemplateRun(IReadOnlyDictionary<string, object?> variables, TemplateOptions options, TemplateTarget target)
        : base(options)
    {
        Target = target;
        foreach (var (name, value) in variables)
        {
            this.SetValue(name, value);
        }
    }

    /// <summary>The target of the output.</summary>
    public TemplateTarget Target { get; }

    /// <summary>Whether the run has reached the limit of statements.</summary>
    public bool IsOutOfSteps => _steps >= StepLimit;

    /// <summary>Counts the work of a filter on a value.</summary>
    /// <exception cref="TemplateException">The work exceeds the limit of a run.</exception>
    public void Spend(FluidValue value)
    {
        _work += Weigh(value);
        if (_work > WorkLimit)
        {
            throw new TemplateException($"the filters of the template process more than {WorkLimit} characters");
        }
    }

    /// <summary>The size of a value in characters. If the value is larger than a filter may produce, the result is any number above that limit.</summary>
    public int Weigh(FluidValue value)
    {
        var left = TextLimit;
        Weigh(value, ref left);
        return TextLimit - left;
    }

    private void Weigh(FluidValue value, ref int left)
    {
        left -= value.Type == FluidValues.String ? value.ToStringValue().Length + 1 : 1;
        if (left < 0 || value.Type is not (FluidValues.Array or FluidValues.Dictionary))
        {
            return;
        }

        foreach (var item in value.Enumerate(this))
        {
            Weigh(item, ref left);
            if (left < 0)
            {
                return;
            }
        }
    }
}
