using System.Globalization;

using Microsoft.AspNetCore.Components;

using MLEvents.Events;

namespace MLEvents.Dashboard.Site;

/// <summary>What every page has: the request.</summary>
public abstract class PageBase : ComponentBase
{
    /// <summary>The request that the page answers.</summary>
    [CascadingParameter]
    public HttpContext? Context { get; set; }

    /// <summary>Cancelled when the browser has gone away.</summary>
    protected CancellationToken Token => Context?.RequestAborted ?? CancellationToken.None;

    /// <summary>Whether the user may retry, cancel and replay.</summary>
    protected bool CanOperate => Context?.User.IsInRole(OperatorRoles.Operator) is true;

    /// <summary>Whether the user may decide about approvals.</summary>
    protected bool CanApprove => Context?.User.IsInRole(OperatorRoles.Approver) is true;

    /// <summary>The number of a parameter of the address; null if it has none. A parameter of a number type would answer 500 for other text.</summary>
    /// <param name="text">The parameter.</param>
    protected static long? Number(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>Answers 404 for a page whose object does not exist.</summary>
    protected void SetNotFound()
    {
        if (Context is { Response.HasStarted: false })
        {
            Context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
    }
}
