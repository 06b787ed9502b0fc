using Fluid;
using Fluid.Values;

namespace MLEvents.Rules.Templates;

/// <summary>One run of a template, and what it may use up. All bounds are counts, not times: what renders on one machine renders on every other.</summary>
internal sealed class TemplateRun : TemplateContext
{
    /// <summary>How many statements a template may run, counted as often as each runs.</summary>
    public const int StepLimit = 20_000;

    /// <summary>How many characters a template may write, and a filter may make.</summary>
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

    /// <summary>Where the output goes.</summary>
    public TemplateTarget Target { get; }

    /// <summary>Whether the run has ended because it has taken all its steps.</summary>
    public bool IsOutOfSteps => _steps >= StepLimit;

    /// <summary>Notes that a filter has gone through a value.</summary>
    /// <exception cref="TemplateException">That is more work than one run may take.</exception>
    public void Spend(FluidValue value)
    {
        _work += Weigh(value);
        if (_work > WorkLimit)
        {
            throw new TemplateException($"its filters go through more than {WorkLimit} characters");
        }
    }

    /// <summary>The size of a value, in characters; of one that is larger than a filter may make, anything larger than that.</summary>
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
