using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace MLEvents.Local.Sidecar.PubSub;

/// <summary>The members of a JSON object in the order in which Go writes them.</summary>
internal static class GoJsonMembers
{
    /// <summary>Returns the members, sorted by the UTF-8 bytes of their names. Of members with the same name, the last one is used.</summary>
    public static List<JsonProperty> Sort(JsonElement value)
    {
        var members = new List<JsonProperty>(value.GetPropertyCount());
        var isSorted = true;
        foreach (var member in value.EnumerateObject())
        {
            isSorted = isSorted && (members.Count == 0 || Compare(members[^1], member) < 0);
            members.Add(member);
        }

        return isSorted ? members : Distinct([.. members.Order(Comparer<JsonProperty>.Create(Compare))]);
    }

    /// <summary>Removes members whose name is also the name of the next member. Members with equal names are in the order of the object.</summary>
    private static List<JsonProperty> Distinct(List<JsonProperty> sorted)
    {
        var kept = 0;
        for (var index = 0; index < sorted.Count; index++)
        {
            if (index + 1 == sorted.Count || Compare(sorted[index], sorted[index + 1]) != 0)
            {
                sorted[kept++] = sorted[index];
            }
        }

        sorted.RemoveRange(kept, sorted.Count - kept);
        return sorted;
    }

    private static int Compare(JsonProperty one, JsonProperty other)
    {
        var first = JsonMarshal.GetRawUtf8PropertyName(one);
        var second = JsonMarshal.GetRawUtf8PropertyName(other);
        return first.Contains((byte)'\\') || second.Contains((byte)'\\')
            ? Encoding.UTF8.GetBytes(one.Name).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(other.Name))
            : first.SequenceCompareTo(second);
    }
}
