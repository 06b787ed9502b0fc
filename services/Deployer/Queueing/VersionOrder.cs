using System.Globalization;
using System.Numerics;

namespace MLEvents.Deployer.Queueing;

/// <summary>Compares model versions that consist of numbers: <c>7</c>, <c>1.10.0</c>, <c>v2</c>, <c>2026-11-28</c>, <c>20261128.1</c>.</summary>
internal static class VersionOrder
{
    private static readonly char[] Separators = ['.', '-', '_'];

    /// <summary>Compares the parts of both versions in order. A leading <c>v</c> is ignored, and a missing part counts as 0.</summary>
    /// <returns>Negative, zero or positive, as <see cref="IComparable{T}.CompareTo"/>; null if a part of a version is not a number, because the order is then unknown.</returns>
    public static int? Compare(string one, string other)
    {
        if (Parse(one) is not { } left || Parse(other) is not { } right)
        {
            return null;
        }

        for (var index = 0; index < Math.Max(left.Length, right.Length); index++)
        {
            var compared = left.ElementAtOrDefault(index).CompareTo(right.ElementAtOrDefault(index));
            if (compared != 0)
            {
                return compared;
            }
        }

        return 0;
    }

    private static BigInteger[]? Parse(string version)
    {
        var digits = version.StartsWith('v') || version.StartsWith('V') ? version[1..] : version;
        var parts = digits.Split(Separators);
        var numbers = new BigInteger[parts.Length];
        for (var index = 0; index < parts.Length; index++)
        {
            if (!BigInteger.TryParse(parts[index], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[index]))
            {
                return null;
            }
        }

        return numbers;
    }
}
