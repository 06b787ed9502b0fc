using System.Globalization;

using MLEvents.Dashboard.History;

namespace MLEvents.Dashboard.Approvals;

/// <summary>Creates the permanent addresses of questions. Notices link to them.</summary>
internal static class ApprovalAddress
{
    public static string For(StoredQuestion question) => For(question.ActionId, question.Generation);

    public static string For(string actionId, int generation) => string.Create(CultureInfo.InvariantCulture, $"/approvals/{actionId}/{generation}");
}
