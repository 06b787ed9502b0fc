using System.Text.Encodings.Web;
using System.Text.Unicode;

using Fluid;

namespace MLEvents.Notifier.Throttling;

/// <summary>Renders the HTML of a digest from the template <c>digest.html.liquid</c> of this assembly.</summary>
internal static class DigestHtml
{
    private static readonly IFluidTemplate Template = new FluidParser().Parse(Source());

    // Letters of every language stay readable; HTML markup is encoded.
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    /// <summary>Renders the mail.</summary>
    /// <param name="subject">The mail's subject, also used as its heading.</param>
    /// <param name="head">The first paragraph.</param>
    /// <param name="entries">The listed events, each with <c>time</c>, <c>type</c>, <c>subject</c> and <c>link</c>.</param>
    /// <param name="more">The sentence about the events that are not listed; null if all events are listed.</param>
    public static string Render(string subject, string head, IReadOnlyList<IReadOnlyDictionary<string, string>> entries, string? more)
    {
        var context = new TemplateContext();
        context.SetValue("subject", subject);
        context.SetValue("head", head);
        context.SetValue("entries", entries);
        context.SetValue("more", more);
        return Template.Render(context, Encoder);
    }

    private static string Source()
    {
        var assembly = typeof(DigestHtml).Assembly;
        using var stream = assembly.GetManifestResourceStream("digest.html.liquid") ?? throw new InvalidOperationException($"{assembly.GetName().Name} lacks the resource digest.html.liquid.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
