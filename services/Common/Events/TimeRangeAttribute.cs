using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace MLEvents.Events;

/// <summary>Requires a time from a minimum to a maximum. <see cref="RangeAttribute"/> converts times by reflection, which a native program does not have for all types.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class TimeRangeAttribute : ValidationAttribute
{
    private readonly TimeSpan _minimum;
    private readonly TimeSpan _maximum;

    /// <summary>Creates the requirement.</summary>
    /// <param name="minimum">The shortest time, for instance <c>00:00:01</c>.</param>
    /// <param name="maximum">The longest time, for instance <c>1.00:00:00</c>.</param>
    public TimeRangeAttribute(string minimum, string maximum)
        : base("The field {0} must be between {1} and {2}.")
    {
        (Minimum, Maximum) = (minimum, maximum);
        (_minimum, _maximum) = (TimeSpan.Parse(minimum, CultureInfo.InvariantCulture), TimeSpan.Parse(maximum, CultureInfo.InvariantCulture));
    }

    /// <summary>The shortest time.</summary>
    public string Minimum { get; }

    /// <summary>The longest time.</summary>
    public string Maximum { get; }

    /// <inheritdoc/>
    public override bool IsValid(object? value) => value is TimeSpan time && time >= _minimum && time <= _maximum;

    /// <inheritdoc/>
    public override string FormatErrorMessage(string name) => string.Format(CultureInfo.InvariantCulture, ErrorMessageString, name, _minimum, _maximum);
}
