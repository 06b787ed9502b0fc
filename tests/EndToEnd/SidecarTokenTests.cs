using System.Net;

using MLEvents.EndToEnd.Running;

namespace MLEvents.EndToEnd;

/// <summary>
/// Only the sidecar of a service may call the topic and binding routes of the service, and only the service may call its sidecar. No web page may call a service under
/// the host name of the page.
/// </summary>
[Collection(EnvironmentGroup.Name)]
public sealed class SidecarTokenTests(RunningEnvironment environment)
{
    private const int Ingress = 0;
    private const int Notifier = 1;
    private const int NotifierSidecar = 41;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Ingress, "/event-hub")]
    [InlineData(Notifier, "/topics/run-status-changed")]
    [InlineData(NotifierSidecar, "/v1.0/publish/pubsub/run-status-changed")]
    public async Task A_post_without_the_token_is_refused(int port, string path)
    {
        using var http = new HttpClient();
        using var content = new StringContent("{}");

        // A browser lets every web page send this request without asking the server first (a CORS "simple request").
        using var response = await http.PostAsync(environment.Host.Service(port, path), content, Token);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Theory]
    [InlineData(Ingress, "/events?code=local-development-key")]
    [InlineData(Notifier, "/actions?code=local-development-key")]
    public async Task A_request_with_the_host_name_of_a_web_page_is_refused(int port, string path)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, environment.Host.Service(port, path)) { Content = new StringContent("[]") };
        request.Headers.Host = "rebinding.example.com";

        using var response = await http.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }
}
