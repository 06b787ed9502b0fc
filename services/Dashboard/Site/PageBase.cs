using System.Globalization;

using Microsoft.AspNetCore.Components;

using MLEvents.Events;

namespace MLEvents.Dashboard.Site;

/// <summary>The base class of all pages, with access to the request.</summary>
public abstract class PageBase : ComponentBase
{
    /// <summary>The request that the page answers.</summary>
    [CascadingParameter]
    public HttpContext? Context { get; set; }

    /// <summary>The token that is cancelled when the browser disconnects.</summary>
    protected CancellationToken Token => Context?.RequestAborted ?? CancellationToken.None;

    /// <summary>Whether the user may retry, cancel, replay and roll back.</summary>
    protected bool CanOperate => Context?.User.IsInRole(OperatorRoles.Operator) is true;

    /// <summary>Whether the user may decide about approvals.</summary>
    protected bool CanApprove => Context?.User.IsInRole(OperatorRoles.Approver) is true;

    /// <summary>Parses a query parameter as a number; null if it is not a number. With a parameter of a numeric type, the page would answer 500 for other text.</summary>
    /// <param name="text">The value of the parameter.</param>
    protected static long? Number(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>Sets the status 404, because the object of the page does not exist.</summary>
    protected void SetNotFound()
    {
        if (Context is { Response.HasStarted: false })
        {
            Context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
    }
}
