using MLEvents.Events;
using MLEvents.Rules.Reading;

namespace MLEvents.Rules.RuleReaders;

/// <summary>Reads the key <c>workspace</c>: the workspace in which a rule acts, if it is not the workspace of the event.</summary>
internal static class WorkspaceReader
{
    /// <summary>Reads the key; null if the key is absent, or if its value is not an ARM id, which is recorded as an error.</summary>
    public static Workspace? Read(MapReader keys)
    {
        if (keys.Scalar("workspace") is not { } id)
        {
            return null;
        }

        if (!Workspace.TryParse(id.Value, out var workspace))
        {
            keys.Reading.Add(id, $"'{id.Value}' is not the ARM id of a workspace");
        }

        return workspace;
    }
}
