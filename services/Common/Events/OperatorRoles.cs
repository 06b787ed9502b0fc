namespace MLEvents.Events;

/// <summary>The roles of operators in tokens. The authorization policies of the operators' routes have the same names.</summary>
public static class OperatorRoles
{
    /// <summary>May read from a service. The other roles include it.</summary>
    public const string Reader = "MLEvents.Reader";

    /// <summary>May retry and cancel actions, and replay messages.</summary>
    public const string Operator = "MLEvents.Operator";

    /// <summary>May approve or reject actions that wait for an approval.</summary>
    public const string Approver = "MLEvents.Approver";

    /// <summary>All roles.</summary>
    public static IReadOnlyList<string> All { get; } = [Reader, Operator, Approver];
}
