namespace MLEvents.Rules.Tests.Templates;

public sealed class LiquidProgramTests
{
    private const string Loop = "{% for i in (1..900) %}{% for j in (1..900) %}{% endfor %}{% endfor %}done";
    private static readonly LiquidFilters NoFilters = new(new Dictionary<string, Func<object?, object?>>(), new Dictionary<string, Func<object?, object?, object?>>());

    [Fact]
    public void What_a_starved_machine_does_not_finish_in_time_gets_a_second_longer_try()
    {
        var program = LiquidProgram.Compile(Loop, [TimeSpan.Zero, TimeSpan.FromMinutes(2)]);

        Assert.Equal("done", Run(program));
    }

    [Fact]
    public void What_runs_too_long_in_every_try_fails()
    {
        var program = LiquidProgram.Compile(Loop, [TimeSpan.Zero, TimeSpan.Zero]);

        Assert.Equal("the template runs for longer than 0 s", Assert.Throws<TemplateException>(() => Run(program)).Message);
    }

    private static string Run(LiquidProgram program) => program.Run(() => new StringWriter(), new Dictionary<string, object?>(), NoFilters);
}
