//! Violations in what is done with a request, each with the cases that must notice it.

use crate::quirk::quirks;

quirks! {
    /// One deliberate violation in how connections are kept and requests are answered.
    ConnectionQuirk;

    // Connections (RFC 9112 section 9).

    /// Keeps an HTTP/1.1 connection open when the client asks to close it.
    NeverCloses => [
        "h1/after-the-end/chunked", "h1/after-the-end/content", "h1/after-the-end/garbage",
        "h1/after-the-end/head", "h1/after-the-end/late-request", "h1/after-the-end/not-found",
        "h1/connection/close", "h1/connection/close-after-content", "h1/connection/close-announced",
        "h1/connection/close-full-content", "h1/connection/nothing-after-close",
        "h1/options/close-line-then-keep-alive", "h1/options/close-then-keep-alive",
        "h1/options/keep-alive-line-then-close", "h1/options/keep-alive-then-close",
        "h1/options/title-case",
    ];
    /// Closes as asked, but does not say so in its response.
    ClosesUnannounced => ["h1/connection/close-announced"];
    /// Ends a connection with a reset.
    ResetsOnClose => [
        "h1/connection/close", "h1/connection/close-after-content",
        "h1/connection/close-full-content", "h1/connection/http-1-0",
        "h1/connection/http-1-0-close",
    ];
    /// Cuts off a response of more than 1,000 bytes when it closes.
    TruncatesOnClose => ["h1/connection/close-full-content", "h1/responses/large-to-http-1-0"];
    /// Knows the close option in lower case only.
    CloseInLowerCaseOnly => ["h1/connection/close-upper-case", "h1/options/title-case"];
    /// Knows the close option only when it is the only one.
    CloseOnlyWhenAlone => [
        "h1/connection/close-in-list", "h1/connection/close-in-second-line",
        "h1/options/close-line-then-keep-alive", "h1/options/close-then-keep-alive",
        "h1/options/keep-alive-line-then-close", "h1/options/keep-alive-then-close",
    ];
    /// Answers requests that follow the one that asked to close.
    AnswersAfterClose => [
        "h1/after-the-end/chunked", "h1/after-the-end/content", "h1/after-the-end/garbage",
        "h1/after-the-end/head", "h1/after-the-end/not-found",
        "h1/after-the-end/pipelined-to-http-1-0", "h1/connection/nothing-after-close",
    ];
    /// Closes when a connection option is neither close nor upgrade.
    UnknownOptionCloses => [
        "h1/connection/keep-alive", "h1/connection/unknown-option",
        "h1/options/close-inside-a-word",
    ];
    /// Keeps an HTTP/1.0 connection open without being asked.
    KeepsHttp10Open => [
        "h1/after-the-end/late-request-to-http-1-0", "h1/after-the-end/pipelined-to-http-1-0",
        "h1/connection/http-1-0", "h1/host/missing-in-http-1-0",
    ];
    /// Closes, without saying so, after 100 requests.
    ClosesAfterHundred => ["h1/connection/thousand-requests"];
    /// Closes, without saying so, after a 405.
    ClosesAfterNotAllowed => [
        "h1/connection/open-after-errors", "h1/methods/options", "h1/pipelining/errors-between",
        "h1/responses/date-on-errors", "h1/responses/method-not-allowed",
        "h1/responses/method-not-allowed-post",
    ];
    /// Never ends its half of a connection that the client has half-closed.
    HangsOnHalfClose => [
        "h1/connection/half-close", "h1/connection/half-close-content",
        "h1/connection/half-close-held", "h1/connection/silent-client", "h1/pipelining/half-close",
    ];
    /// Drops a request that is being worked on when the client half-closes.
    DropsHeldOnHalfClose => ["h1/connection/half-close-held"];
    /// Discards what follows a request in the same segment.
    AnswersFirstOfPipeline => [
        "h1/content-length/echo", "h1/framing-names/content-length",
        "h1/framing-names/content-length-beside", "h1/framing-names/of-get",
        "h1/framing-names/transfer-encoding-beside", "h1/host-values/missing-in-pipeline",
        "h1/pipelining/error-stops", "h1/pipelining/errors-between", "h1/pipelining/garbage-stops",
        "h1/pipelining/half-close", "h1/pipelining/held-first", "h1/pipelining/mixed-64",
        "h1/pipelining/two", "h1/slow-clients/reader", "h1/trailers/content-length",
        "h1/trailers/transfer-encoding",
    ];
    /// Answers each two pipelined requests in the wrong order.
    SwapsPipelined => [
        "h1/content-length/echo", "h1/framing-names/content-length",
        "h1/framing-names/content-length-beside", "h1/framing-names/transfer-encoding-beside",
        "h1/host-values/missing-in-pipeline", "h1/pipelining/error-stops",
        "h1/pipelining/errors-between", "h1/pipelining/garbage-stops", "h1/pipelining/held-first",
        "h1/pipelining/mixed-64", "h1/pipelining/two", "h1/trailers/content-length",
        "h1/trailers/transfer-encoding",
    ];
    /// Goes on with the next request after an error in framing.
    GoesOnAfterFramingError => [
        "h1/after-the-end/after-bad-length", "h1/after-the-end/after-both-lengths",
        "h1/after-the-end/after-unknown-coding", "h1/after-the-end/bad-length-is-request",
        "h1/after-the-end/unknown-coding-is-request", "h1/codings/chunked-then-unknown",
        "h1/codings/comma-with-length", "h1/codings/empty-with-length", "h1/codings/equals-sign",
        "h1/codings/identity-then-chunked", "h1/codings/in-http-1-0-with-length",
        "h1/codings/next-line-behind", "h1/codings/no-break-space-before",
        "h1/codings/no-break-space-behind", "h1/codings/obs-text-behind",
        "h1/codings/of-get-unknown", "h1/codings/of-get-with-length", "h1/codings/parameter",
        "h1/codings/prefix", "h1/codings/semicolon", "h1/codings/single-quotes",
        "h1/codings/space-inside", "h1/codings/twice", "h1/codings/twice-in-two-lines",
        "h1/codings/unknown-then-chunked", "h1/content-length/differing-lines",
        "h1/content-length/differing-list", "h1/content-length/empty",
        "h1/content-length/fraction", "h1/content-length/garbage-behind",
        "h1/content-length/hexadecimal", "h1/content-length/inner-space",
        "h1/content-length/minus", "h1/content-length/overflow", "h1/content-length/plus",
        "h1/length-numbers/binary-prefix", "h1/length-numbers/empty-line-behind",
        "h1/length-numbers/empty-member", "h1/length-numbers/exponent",
        "h1/length-numbers/invalid-member", "h1/length-numbers/invalid-second-line",
        "h1/length-numbers/letter-behind", "h1/length-numbers/line-and-list",
        "h1/length-numbers/list-middle-differs", "h1/length-numbers/minus-zero",
        "h1/length-numbers/no-break-space-behind", "h1/length-numbers/octal-prefix",
        "h1/length-numbers/of-get", "h1/length-numbers/of-get-differing",
        "h1/length-numbers/of-get-plus", "h1/length-numbers/other-digits",
        "h1/length-numbers/quoted", "h1/length-numbers/semicolon", "h1/length-numbers/tab-inside",
        "h1/length-numbers/three-lines", "h1/length-numbers/underscore",
        "h1/pipelining/error-stops", "h1/transfer-encoding/chunked-not-last",
        "h1/transfer-encoding/identity", "h1/transfer-encoding/in-http-1-0",
        "h1/transfer-encoding/length-behind", "h1/transfer-encoding/longer-name",
        "h1/transfer-encoding/quoted", "h1/transfer-encoding/two-lines",
        "h1/transfer-encoding/unknown", "h1/transfer-encoding/unknown-before-chunked",
        "h1/transfer-encoding/with-length", "h1/transfer-encoding/with-length-smuggled",
    ];
    /// Closes when the client sends nothing for 700 ms.
    ImpatientReader => [
        "h1/expect/http-1-0", "h1/expect/no-expectation",
        "h1/slow-clients/chunks", "h1/slow-clients/content", "h1/slow-clients/head",
        "h1/slow-clients/idle", "h1/slow-clients/idle-before-first",
        "h1/slow-clients/pause-in-head",
    ];
    /// Closes when the client reads nothing for some tenths of a second.
    ImpatientWriter => ["h1/slow-clients/reader"];

    // Responses, expectations, upgrades, methods (RFC 9110).

    /// Sends content in response to HEAD.
    ContentOnHead => [
        "h1/after-the-end/head", "h1/dates/now-on-head", "h1/late-content/head-chunked",
        "h1/late-content/head-length", "h1/pipelining/mixed-64", "h1/responses/head",
        "h1/responses/head-fields", "h1/responses/head-length", "h1/responses/head-of-errors",
        "h1/unread-content/head-chunked", "h1/unread-content/head-length",
        "h1/unread-content/head-not-found-chunked", "h1/unread-content/head-not-found-length",
    ];
    /// Says `Content-Length: 0` in response to HEAD.
    LengthZeroOnHead => [
        "app/delay/head", "app/json/head", "app/plaintext/head", "app/search/head",
        "app/static/encoding-head", "app/static/head", "app/static/range-head", "app/users/head",
        "h1/responses/head-length",
    ];
    /// Sends content with 304.
    ContentOn304 => ["h1/responses/not-modified"];
    /// Sends one byte more than `Content-Length` says in response to `/json`.
    ShortLengthOfJson => [
        "app/json/answer", "h1/pipelining/mixed-64", "h1/responses/length",
        "h1/responses/to-http-1-0",
    ];
    /// Sends the chunked coding to HTTP/1.0 clients.
    ChunkedToHttp10 => [
        "h1/connection/http-1-0-keep-alive", "h1/responses/echo-to-http-1-0",
        "h1/responses/large-to-http-1-0", "h1/responses/to-http-1-0",
    ];
    /// Sends no `Date`.
    NoDate => [
        "app/every-response/date", "app/plaintext/date-ticks", "h1/dates/bad-chunk",
        "h1/dates/bad-field", "h1/dates/bad-length", "h1/dates/bad-request-line",
        "h1/dates/large-fields", "h1/dates/missing-host", "h1/dates/now", "h1/dates/now-on-errors",
        "h1/dates/now-on-head", "h1/responses/date", "h1/responses/date-on-errors",
        "h1/responses/head-fields",
    ];
    /// Sends no `Date` with errors.
    NoDateOnErrors => [
        "app/every-response/date", "h1/dates/bad-chunk", "h1/dates/bad-field",
        "h1/dates/bad-length", "h1/dates/bad-request-line", "h1/dates/large-fields",
        "h1/dates/missing-host", "h1/dates/now-on-errors", "h1/responses/date-on-errors",
    ];
    /// Sends no `Allow` with 405.
    NoAllowOn405 => [
        "app/delay/post", "app/echo/get", "app/json/put", "app/plaintext/delete",
        "app/plaintext/options", "app/plaintext/post", "app/search/post", "app/static/post",
        "app/upload/get", "app/users/post", "h1/methods/options", "h1/responses/method-not-allowed",
        "h1/responses/method-not-allowed-post",
    ];
    /// Waits for the content of a request that waits for 100 (Continue).
    NeverSendsContinue => ["h1/expect/continue", "h1/expect/continue-chunked"];
    /// Takes the content that comes after 100 (Continue) for the next request.
    ForgetsContentAfterContinue => ["h1/expect/continue", "h1/expect/continue-chunked"];
    /// Discards content that came before its 100 (Continue).
    DiscardsContentBeforeContinue => ["h1/expect/content-at-once"];
    /// Sends 100 (Continue) to clients that expect nothing.
    SendsContinueUnasked => ["h1/expect/no-expectation"];
    /// Knows `100-continue` in lower case only.
    CaseSensitiveExpect => ["h1/expect/upper-case"];
    /// Sends 100 (Continue) to HTTP/1.0 clients.
    SendsContinueToHttp10 => ["h1/expect/http-1-0"];
    /// Closes without an answer when it does not know an expectation.
    ClosesOnUnknownExpectation => [
        "h1/expect/unknown", "h1/unread-content/unknown-expectation-chunked",
        "h1/unread-content/unknown-expectation-length",
    ];
    /// Switches to any protocol that the client names.
    SwitchesToAnything => [
        "h1/upgrade/http-1-0", "h1/upgrade/unknown", "h1/upgrade/with-content",
        "h1/upgrade/without-option",
    ];
    /// Answers 200 to any method that it does not know, and to CONNECT and TRACE.
    AnyMethodIsFine => ["h1/methods/connect", "h1/methods/trace", "h1/methods/unknown"];
    /// Compares methods without regard to case.
    CaseInsensitiveMethods => ["h1/methods/lower-case"];
}
