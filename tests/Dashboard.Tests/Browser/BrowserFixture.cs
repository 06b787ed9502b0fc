using Microsoft.Playwright;

namespace MLEvents.Dashboard.Tests.Browser;

/// <summary>Debian's Chromium, which Playwright controls. It is started once for the tests of a class.</summary>
public sealed class BrowserFixture : IAsyncLifetime
{
    /// <summary>The reason why a test that needs the browser is skipped.</summary>
    public const string NotInstalled = "Not run: Chromium is not installed (apt-get install chromium).";

    private const string Program = "/usr/bin/chromium";

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>Whether the browser is installed on this machine.</summary>
    public static bool IsInstalled { get; } = File.Exists(Program);

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        if (!IsInstalled)
        {
            return;
        }

        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Program, Args = ["--no-sandbox", "--disable-dev-shm-usage"] });
    }

    /// <summary>Opens a page in a new browser context. Skips the test if the browser is not installed.</summary>
    public async Task<IPage> OpenAsync(Uri address, int width = 1100, bool dark = false, string zone = "UTC")
    {
        Assert.SkipUnless(IsInstalled, NotInstalled);
        var browser = _browser ?? throw new InvalidOperationException("The browser is not started.");
        var context = await browser.NewContextAsync(new()
        {
            BaseURL = address.ToString(),
            ViewportSize = new() { Width = width, Height = 700 },
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            TimezoneId = zone,
        });
        context.SetDefaultTimeout(60_000);
        return await context.NewPageAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }
}
