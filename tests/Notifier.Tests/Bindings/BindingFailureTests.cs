using Grpc.Core;

using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Notifier.Bindings;

namespace MLEvents.Notifier.Tests.Bindings;

public sealed class BindingFailureTests
{
    // These texts are answers of daprd 1.17.13.
    [Theory]
    [InlineData("error invoking output binding nope: couldn't find output binding nope")]
    [InlineData("error invoking output binding web: binding web does not support operation foo. supported operations:create get head post put patch delete options trace")]
    [InlineData("error invoking output binding web: operation field is missing from request")]
    [InlineData("error invoking output binding web: received status code 400")]
    [InlineData("error invoking output binding web: received status code 404")]
    public void An_error_in_the_rule_or_a_refusal_by_the_target_fails_without_a_retry(string detail) =>
        Assert.Equal(detail, Assert.IsType<Failed>(BindingFailure.ToResult("web", new Status(StatusCode.Internal, detail))).Detail);

    [Theory]
    [InlineData("error invoking output binding archive: open .local/archive/aaaa: file name too long")]
    [InlineData("error invoking output binding archive: open .local/archive/a: is a directory")]
    [InlineData("error invoking output binding archive: The path '/a' is too long, or a component of the specified path is too long.")]
    [InlineData("error invoking output binding archive: Null character in path. (Parameter 'path')")]
    [InlineData("error invoking output binding archive: RESPONSE 400: 400 The specified resource name contains invalid characters. ERROR CODE: InvalidResourceName")]
    public void A_file_name_that_cannot_exist_fails_without_a_retry(string detail) =>
        Assert.IsType<Failed>(BindingFailure.ToResult("web", new Status(StatusCode.Internal, detail)));

    [Theory]
    [InlineData("error invoking output binding web: received status code 401")]
    [InlineData("error invoking output binding web: received status code 403")]
    [InlineData("error invoking output binding web: RESPONSE 403: 403 This request is not authorized to perform this operation using this permission. ERROR CODE: AuthorizationPermissionMismatch")]
    public void A_refused_credential_is_reported_for_the_binding_and_names_its_component(string detail)
    {
        var refused = Assert.IsType<CredentialRefused>(BindingFailure.ToResult("web", new Status(StatusCode.Internal, detail)));

        Assert.Equal(("binding web", "the credential of the Dapr component 'web'", detail), (refused.Key, refused.Credential, refused.Detail));
    }

    [Theory]
    [InlineData("error invoking output binding web: received status code 500")]
    [InlineData("error invoking output binding web: received status code 503")]
    [InlineData("error invoking output binding web: received status code 408")]
    [InlineData("error invoking output binding web: received status code 425")]
    [InlineData("error invoking output binding web: received status code 429")]
    [InlineData("error invoking output binding webto: Get \"http://127.0.0.1:7332/slow\": context deadline exceeded")]
    [InlineData("error invoking output binding webdown: Get \"http://127.0.0.1:1/x\": dial tcp 127.0.0.1:1: connect: connection refused")]
    public void A_temporary_failure_is_retried(string detail) =>
        Assert.Equal(Redaction.Bound(detail), Assert.IsType<Retry>(BindingFailure.ToResult("web", new Status(StatusCode.Internal, detail))).Detail);

    [Theory]
    [InlineData(true, "error invoking output binding webto: Get \"http://127.0.0.1:7332/slow\": context deadline exceeded")]
    [InlineData(true, "error invoking output binding web: Post \"http://127.0.0.1:7332/x\": read tcp 127.0.0.1:51034->127.0.0.1:7332: read: connection reset by peer")]
    [InlineData(true, "Error starting gRPC call. HttpRequestException: The response ended prematurely.")]
    [InlineData(false, "error invoking output binding web: received status code 503")]
    [InlineData(false, "error invoking output binding webdown: Get \"http://127.0.0.1:1/x\": dial tcp 127.0.0.1:1: connect: connection refused")]
    [InlineData(false, "error invoking output binding web: Post \"http://nowhere/\": dial tcp: lookup nowhere: no such host")]
    [InlineData(false, "error invoking output binding gone: Post \"http://127.0.0.1:1/\": Connection refused (127.0.0.1:1)")]
    [InlineData(false, "Error connecting to subchannel.")]
    public void Only_a_call_that_was_sent_and_not_answered_may_have_arrived(bool isUnanswered, string detail) =>
        Assert.Equal(isUnanswered, BindingFailure.IsUnanswered(new Status(StatusCode.Internal, detail)));

    [Theory]
    [InlineData(StatusCode.Unavailable, typeof(Retry))]
    [InlineData(StatusCode.DeadlineExceeded, typeof(Retry))]
    [InlineData(StatusCode.ResourceExhausted, typeof(Retry))]
    [InlineData(StatusCode.InvalidArgument, typeof(Failed))]
    [InlineData(StatusCode.Unimplemented, typeof(Failed))]
    [InlineData(StatusCode.Unauthenticated, typeof(CredentialRefused))]
    [InlineData(StatusCode.PermissionDenied, typeof(CredentialRefused))]
    public void The_gRPC_status_code_decides_the_result_if_the_status_has_no_detail(StatusCode code, Type expected) =>
        Assert.Equal(expected, BindingFailure.ToResult("web", new Status(code, "")).GetType());
}
