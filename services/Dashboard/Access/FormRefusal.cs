using Microsoft.AspNetCore.Antiforgery;

namespace MLEvents.Dashboard.Access;

/// <summary>Answers 400 to a form whose antiforgery token is missing or invalid.</summary>
internal static class FormRefusal
{
    // The antiforgery middleware only records the result. The generated handlers of the forms would throw when they read such a form, and would answer 500.
    public static void UseFormRefusal(this WebApplication app) => app.Use((context, next) =>
    {
        if (context.Features.Get<IAntiforgeryValidationFeature>() is not { IsValid: false })
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        return Task.CompletedTask;
    });
}
