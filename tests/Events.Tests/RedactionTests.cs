namespace MLEvents.Events.Tests;

public sealed class RedactionTests
{
    // Keys of Azure are 64 or 32 bytes in base64.
    private static readonly string AccountKey = Convert.ToBase64String(new byte[64]);
    private static readonly string SharedKey = Convert.ToBase64String(new byte[32]);

    [Theory]
    [InlineData("""Post "https://contoso.webhook.office.com/webhookb2/canary@canary/IncomingWebhook/canary": dial tcp: no such host""", """Post "https://contoso.webhook.office.com/***": dial tcp: no such host""")]
    [InlineData("https://hooks.slack.com/services/T0/B0/canary failed", "https://hooks.slack.com/*** failed")]
    [InlineData("http://127.0.0.1:5110/hooks/canary", "http://127.0.0.1:5110/***")]
    [InlineData("http://[::1]:5110/hooks/canary", "http://[::1]:5110/***")]
    [InlineData("amqps://user:canary@broker.example.com/vhost", "amqps://***@broker.example.com/***")]
    [InlineData("redis://:p%40canary@cache:6379", "redis://***@cache:6379")]
    [InlineData("https://account.blob.core.windows.net/c/b?sv=2024-01-01&sig=canary", "https://account.blob.core.windows.net/***?***")]
    [InlineData("GET https://management.azure.com/subscriptions/s/resourceGroups/g?api-version=2024-07-01", "GET https://management.azure.com/subscriptions/s/resourceGroups/g?***")]
    [InlineData("see https://aka.ms/azureml-errors.", "see https://aka.ms/azureml-errors.")]
    [InlineData("https://ingress.example.com/events?code=canary", "https://ingress.example.com/***?***")]
    [InlineData("https://login.example.com/cb#access_token=canary", "https://login.example.com/***?***")]
    public void User_query_and_secret_path_of_a_url_are_removed(string text, string expected) => Assert.Equal(expected, Redaction.Scrub(text));

    [Theory]
    [InlineData("AccountName=a;AccountKey=canary==;EndpointSuffix=core.windows.net", "AccountName=a;AccountKey=***;EndpointSuffix=core.windows.net")]
    [InlineData("Endpoint=sb;SharedAccessKeyName=n;SharedAccessKey=canary", "Endpoint=sb;SharedAccessKeyName=n;SharedAccessKey=***")]
    [InlineData("""{"password": "ca\"nary", "user": "u"}""", """{"password": ***, "user": "u"}""")]
    [InlineData("""{\"client_secret\":\"canary\"}""", """{\"client_secret\":***}""")]
    [InlineData("export STORAGE_API_KEY='canary one'", "export STORAGE_API_KEY=***")]
    [InlineData("x-api-key: canary", "x-api-key: ***")]
    [InlineData("Authorization: Bearer canary", "Authorization: Bearer ***")]
    [InlineData("dapr-api-token=canary, other=1", "dapr-api-token=***, other=1")]
    [InlineData("sr=x&sig=canary&se=1", "sr=x&sig=***&se=1")]
    [InlineData("Password:canary", "Password:***")]
    [InlineData("AccountKey=\"canary\"canary'canary'canary;x=1", "AccountKey=***;x=1")]
    [InlineData("POST /events?code=canary", "POST /events?code=***")]
    public void The_values_of_names_that_denote_secrets_are_removed(string text, string expected) => Assert.Equal(expected, Redaction.Scrub(text));

    [Fact]
    public void Tokens_and_keys_without_a_name_are_removed()
    {
        string[] texts =
        [
            "sent Bearer canary-canary-canary",
            "sent Bearer\ncanary-canary-canary",
            "token eyJhbGciOiJSUzI1NiJ9.canaryeyJ.canary refused",
            "-----BEGIN RSA PRIVATE KEY-----\ncanary\n-----END RSA PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----\ncanary",
            $"the key {AccountKey} is wrong",
            $"the key {SharedKey} is wrong",
        ];

        Assert.All(texts, text =>
        {
            var scrubbed = Redaction.Scrub(text);
            Assert.Contains(Redaction.Mask, scrubbed, StringComparison.Ordinal);
            Assert.DoesNotContain("canary", scrubbed, StringComparison.Ordinal);
            Assert.DoesNotContain("AAAA", scrubbed, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("job mlevents-1 completed")]
    [InlineData("no token for Azure. Assign the role 'AzureML Data Scientist'")]
    [InlineData("Set APP_API_TOKEN to the token that the sidecar sends")]
    [InlineData("the key 'a' is missing: alerts.yaml(12,7)")]
    [InlineData("statusCode: 409, code NotReady")]
    [InlineData("error code: ResourceNotReady")]
    [InlineData("550 5.1.1 (address): recipient rejected")]
    [InlineData("tokenizer=bert steps=5")]
    public void Texts_without_secrets_stay_the_same_instance(string text) => Assert.Same(text, Redaction.Scrub(text));

    [Fact]
    public void Redacting_twice_changes_nothing()
    {
        var once = Redaction.Bound($"https://u:p@h/x?y=z password='a b' Authorization: Bearer {new string('x', 30)} {new string('-', 20_000)}");

        Assert.Equal(once, Redaction.Bound(once));
    }

    [Fact]
    public void The_rest_of_a_token_after_quotes_is_removed()
    {
        var once = Redaction.Scrub("""Authorization: Bearer ab{"specversion":"1.0"}canary-of-a-token {{ id }}""");

        Assert.Equal("Authorization: Bearer *** {{ id }}", once);
        Assert.Same(once, Redaction.Scrub(once));
    }

    [Fact]
    public void A_long_text_keeps_its_beginning_and_has_a_limited_length()
    {
        var bound = Redaction.Bound("first " + new string('x', 100_000).Insert(50_000, " password=canary ") + " last");

        Assert.InRange(bound?.Length ?? 0, Redaction.MaxLength - 2, Redaction.MaxLength);
        Assert.StartsWith("first ", bound, StringComparison.Ordinal);
        Assert.Null(Redaction.Bound(null));
    }

    [Theory]
    [InlineData("password=canary", 20_000, true)]
    [InlineData("nothing secret", 100_000, true)]
    [InlineData("password=canary", 100_000, false)]
    public void A_long_text_keeps_its_end_unless_it_can_contain_secrets_and_exceeds_the_searched_length(string middle, int length, bool isKept)
    {
        var text = $"first {middle} {new string('x', length)} last";

        var bound = Redaction.Bound(text);

        Assert.Equal(isKept, bound?.EndsWith(" last", StringComparison.Ordinal));
        Assert.Contains($"({text.Length} characters in all)", bound, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", bound, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("failed: x\n--- server\ncanary", "failed: x …")]
    [InlineData("failed", "failed")]
    [InlineData(null, "")]
    public void FirstLine_returns_the_first_line_for_logs(string? text, string expected) => Assert.Equal(expected, Redaction.FirstLine(text));
}
