using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace MLEvents.Local.Sidecar.PubSub;

/// <summary>
/// Writes a JSON object as Go writes a map: the members are sorted by the UTF-8 bytes of their names, and of members with the same name the last one counts.
/// The members are written in the given order, and are moved at the end if they are not sorted. Not thread-safe.
/// </summary>
internal sealed class GoJsonObject
{
    private readonly ByteBuffer _target;
    private readonly List<Member> _members;
    private readonly int _first;
    private readonly int _start;
    private bool _isSorted = true;

    /// <summary>Begins an object.</summary>
    /// <param name="target">The buffer to whose end the object is written.</param>
    /// <param name="members">The members of the objects that contain this one. <see cref="End"/> removes the members of this object.</param>
    public GoJsonObject(ByteBuffer target, List<Member> members)
    {
        (_target, _members, _first, _start) = (target, members, members.Count, target.Length);
        target.Write("{"u8);
    }

    /// <summary>Adds a member whose value is text.</summary>
    public void Add(string name, string text)
    {
        var member = BeginMember();
        GoJson.Write(_target, name);
        EndName(member, name);
        GoJson.Write(_target, text);
        EndMember();
    }

    /// <summary>Adds a member whose value is JSON.</summary>
    /// <returns>False if the bytes are not JSON. No member has then been added.</returns>
    public bool TryAddJson(string name, ReadOnlyMemory<byte> utf8)
    {
        var (length, count, isSorted) = (_target.Length, _members.Count, _isSorted);
        var member = BeginMember();
        GoJson.Write(_target, name);
        EndName(member, name);
        try
        {
            var reader = GoJson.Reader(utf8);
            GoJson.WriteAll(_target, _members, ref reader);
        }
        catch (JsonException)
        {
            _target.Length = length;
            _members.RemoveRange(count, _members.Count - count);
            _isSorted = isSorted;
            return false;
        }

        EndMember();
        return true;
    }

    /// <summary>Adds the members of the object whose start is the current token of a reader.</summary>
    public void AddAll(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            Add(ref reader);
        }
    }

    /// <summary>Ends the object.</summary>
    public void End()
    {
        if (!_isSorted)
        {
            Sort();
        }

        _members.RemoveRange(_first, _members.Count - _first);
        _target.Write("}"u8);
    }

    private void Add(ref Utf8JsonReader reader)
    {
        var member = BeginMember();
        var name = GoJson.IsRewritten(reader.ValueSpan) ? reader.GetString() : null;
        GoJson.WriteString(_target, ref reader);
        EndName(member, name);
        reader.Read();
        GoJson.WriteValue(_target, _members, ref reader);
        EndMember();
    }

    private int BeginMember()
    {
        if (_members.Count > _first)
        {
            _target.Write(","u8);
        }

        return _target.Length;
    }

    // The name in the buffer is compared, because it is the original text except for characters that are written in another form.
    private void EndName(int start, string? name)
    {
        var decoded = name is not null && _target.Written[start..].Contains((byte)'\\') ? Encoding.UTF8.GetBytes(name) : null;
        _members.Add(new Member(start, _target.Length, End: 0, decoded, IsReplaced: false));
        _target.Write(":"u8);
        _isSorted = _isSorted && (_members.Count - _first < 2 || Compare(_members[^2], _members[^1]) < 0);
    }

    private void EndMember() => _members[^1] = _members[^1] with { End = _target.Length };

    private ReadOnlySpan<byte> Name(Member member) => member.Decoded ?? (ReadOnlySpan<byte>)_target.Written[(member.Start + 1)..(member.NameEnd - 1)];

    private int Compare(Member one, Member other) => Name(one).SequenceCompareTo(Name(other));

    // Members with the same name stay in the order in which they were written.
    private int CompareWithPosition(Member one, Member other) => Compare(one, other) is var order and not 0 ? order : one.Start.CompareTo(other.Start);

    private void Sort()
    {
        var members = CollectionsMarshal.AsSpan(_members)[_first..];
        members.Sort(CompareWithPosition);
        for (var index = 0; index + 1 < members.Length; index++)
        {
            members[index] = members[index] with { IsReplaced = Compare(members[index], members[index + 1]) == 0 };
        }

        ReadOnlySpan<byte> unsorted = _target.Written[_start..].ToArray();
        _target.Length = _start + 1;
        foreach (var member in members)
        {
            if (!member.IsReplaced)
            {
                _target.Write(_target.Length == _start + 1 ? [] : ","u8);
                _target.Write(unsorted[(member.Start - _start)..(member.End - _start)]);
            }
        }
    }

    /// <summary>A member in the buffer.</summary>
    /// <param name="Start">The position of the name's first quote.</param>
    /// <param name="NameEnd">The position after the name's last quote.</param>
    /// <param name="End">The position after the value.</param>
    /// <param name="Decoded">The name as UTF-8, if it has characters that are escaped in the buffer; otherwise null.</param>
    /// <param name="IsReplaced">Whether a later member has the same name.</param>
    internal readonly record struct Member(int Start, int NameEnd, int End, byte[]? Decoded, bool IsReplaced);
}
