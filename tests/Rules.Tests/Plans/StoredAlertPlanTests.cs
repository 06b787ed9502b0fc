using System.Text.Json;

using MLEvents.Rules.Plans;

namespace MLEvents.Rules.Tests.Plans;

public sealed class StoredAlertPlanTests
{
    [Fact]
    public void Members_that_a_stored_mail_lacks_have_their_defaults()
    {
        var mail = Assert.IsType<MailPlan>(Read("""{"kind":"email","studio":"https://ml.azure.com/","to":["a@example.com"],"subject":"s","text":"t"}"""));

        Assert.Empty(mail.Cc);
        Assert.Empty(mail.Bcc);
    }

    [Fact]
    public void Members_that_a_stored_binding_call_lacks_have_their_defaults()
    {
        var call = Assert.IsType<BindingPlan>(Read("""{"kind":"binding","studio":"https://ml.azure.com/","binding":"b","operation":"create","data":"{}"}"""));

        Assert.Empty(call.Metadata);
    }

    [Fact]
    public void Members_that_a_stored_chat_message_lacks_have_their_defaults()
    {
        var chat = Assert.IsType<ChatPlan>(Read(
            """{"kind":"chat","studio":"https://ml.azure.com/","binding":"b","operation":"post","format":"Teams","message":{"title":"t","text":"","facts":{},"links":{}}}"""));

        Assert.Empty(chat.Metadata);
    }

    private static AlertPlan Read(string json) => AlertPlan.Read(JsonElement.Parse(json));
}
