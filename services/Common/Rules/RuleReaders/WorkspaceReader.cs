using MLEvents.Events;
using MLEvents.Rules.Reading;

namespace MLEvents.Rules.RuleReaders;

/// <summary>Reads the key <c>workspace</c>: where a rule acts if it is not the workspace that the event comes from.</summary>
internal static class WorkspaceReader
{
    /// <summary>Reads the key; null when it is absent, or is no ARM id, which is noted.</summary>
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
