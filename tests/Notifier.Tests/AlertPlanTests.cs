using System.Text.Json;

using MLEvents.Rules.Plans;

namespace MLEvents.Notifier.Tests;

public sealed class AlertPlanTests
{
    [Fact]
    public void A_plan_is_read_back_as_it_was_written()
    {
        var read = Assert.IsType<MailPlan>(AlertPlan.Read(Alerts.Mail.ToJson()));

        Assert.Equal(Alerts.Mail.ToJson().GetRawText(), read.ToJson().GetRawText());
    }

    [Fact]
    public void The_order_of_the_members_in_a_stored_plan_does_not_matter()
    {
        using var json = JsonDocument.Parse("""{"to":["a@b.c"],"subject":"s","text":"t","studio":"https://ml.azure.com/","kind":"email"}""");

        Assert.Equal("s", Assert.IsType<MailPlan>(AlertPlan.Read(json.RootElement)).Subject);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"kind":"pigeon"}""")]
    [InlineData("""{"kind":"email"}""")]
    public void JSON_that_is_not_a_plan_is_refused(string plan)
    {
        using var json = JsonDocument.Parse(plan);

        var refused = Assert.ThrowsAny<Exception>(() => AlertPlan.Read(json.RootElement));

        Assert.True(refused is JsonException or NotSupportedException, refused.ToString());
    }
}
