//! Violations in what one request means for the next, each with the cases that must notice it.

use crate::quirk::quirks;

quirks! {
    /// One deliberate violation in going on after a request, and in what a response says of itself.
    ConversationQuirk;

    // Host and connection options (RFC 9112 sections 3.2 and 9.3).

    /// Looks at `Host` on the first request of a connection only.
    ChecksHostOnce => [
        "h1/host-values/invalid-later", "h1/host-values/missing-in-pipeline",
        "h1/host-values/missing-later", "h1/host-values/missing-third",
        "h1/host-values/repeated-later",
    ];
    /// Looks at `Host` on the first two requests of a connection only.
    ChecksHostTwice => ["h1/host-values/missing-third"];
    /// Needs no `Host` where it is sent something.
    ContentNeedsNoHost => ["h1/host-values/missing-with-content"];
    /// Needs no `Host` where it has nothing.
    UnknownPathNeedsNoHost => ["h1/host-values/missing-on-unknown-path"];
    /// Ignores a user and a password in `Host`.
    HostMayHavePassword => ["h1/host-values/user-and-password"];
    /// Takes a backslash for the end of a `Host`.
    HostEndsAtBackslash => ["h1/host-values/backslash"];
    /// Ignores a port in `Host` that is negative.
    PortMayBeNegative => ["h1/host-values/negative-port"];
    /// Ignores user information in `Host`.
    HostMayHaveUser => ["h1/host-values/user-and-password", "h1/host-values/userinfo"];
    /// Takes the first member of a `Host` that is a list.
    HostMayBeList => ["h1/host-values/list"];
    /// Takes an empty `Host` for one.
    HostMayBeEmpty => ["h1/host-values/empty"];
    /// Keeps a connection open that is to be kept alive, even when it is to be closed as well.
    KeepAliveBeatsClose => [
        "h1/options/close-line-then-keep-alive", "h1/options/close-then-keep-alive",
        "h1/options/http-1-0-keep-alive-then-close", "h1/options/keep-alive-line-then-close",
        "h1/options/keep-alive-then-close",
    ];
    /// Looks at the first connection option only.
    FirstOptionDecides => [
        "h1/connection/close-in-list", "h1/connection/close-in-second-line",
        "h1/options/http-1-0-keep-alive-then-close", "h1/options/keep-alive-line-then-close",
        "h1/options/keep-alive-then-close",
    ];
    /// Looks at the last connection option only.
    LastOptionDecides => [
        "h1/options/close-line-then-keep-alive", "h1/options/close-then-keep-alive",
    ];
    /// Takes any connection option that contains `close` for it.
    FindsCloseAnywhere => ["h1/options/close-inside-a-word"];

    // Content that nobody reads (RFC 9112 sections 6.3 and 9.3).

    /// Takes the content of a HEAD for the next request.
    IgnoresContentOfHead => [
        "h1/late-content/head-chunked", "h1/late-content/head-length",
        "h1/unread-content/head-chunked", "h1/unread-content/head-length",
        "h1/unread-content/head-not-found-chunked", "h1/unread-content/head-not-found-length",
    ];
    /// Takes the content of a HEAD of what is not there for the next request.
    IgnoresContentOfLostHead => [
        "h1/unread-content/head-not-found-chunked", "h1/unread-content/head-not-found-length",
    ];
    /// Takes the content of a PUT for the next request.
    IgnoresContentOfPut => [
        "h1/methods/put", "h1/unread-content/put-chunked", "h1/unread-content/put-length",
    ];
    /// Takes the content of a PATCH for the next request.
    IgnoresContentOfPatch => [
        "h1/unread-content/patch-chunked", "h1/unread-content/patch-length",
    ];
    /// Takes content that comes in HTTP/1.0 for the next request.
    IgnoresContentInHttp10 => ["h1/unread-content/http-1-0-keep-alive"];
    /// Takes the content of OPTIONS for the next request.
    IgnoresContentOfOptions => [
        "h1/unread-content/options-chunked", "h1/unread-content/options-length",
    ];
    /// Takes the content of a DELETE for the next request.
    IgnoresContentOfDelete => [
        "h1/unread-content/delete-chunked", "h1/unread-content/delete-length",
    ];
    /// Takes the content of a request that was answered 404 for the next request.
    LeavesContentOfNotFound => [
        "h1/content-length/unwanted-content-unknown-path", "h1/late-content/not-found-chunked",
        "h1/late-content/not-found-length", "h1/unread-content/head-not-found-chunked",
        "h1/unread-content/head-not-found-length", "h1/unread-content/not-found-chunked",
    ];
    /// Takes the content of a request that was answered 405 for the next request.
    LeavesContentOfNotAllowed => [
        "h1/content-length/unwanted-content", "h1/late-content/not-allowed-chunked",
        "h1/late-content/not-allowed-length", "h1/methods/put", "h1/unread-content/delete-chunked",
        "h1/unread-content/delete-length", "h1/unread-content/not-allowed-chunked",
        "h1/unread-content/options-chunked", "h1/unread-content/options-length",
        "h1/unread-content/patch-chunked", "h1/unread-content/patch-length",
        "h1/unread-content/put-chunked", "h1/unread-content/put-length",
    ];
    /// Takes the content of a request that was answered 501 for the next request.
    LeavesContentOfUnknownMethod => [
        "h1/unread-content/unknown-method-chunked", "h1/unread-content/unknown-method-length",
    ];
    /// Takes content that was refused for its size for the next request.
    LeavesLargeContent => [
        "h1/chunked/too-large", "h1/content-length/too-large", "h1/late-content/too-large",
        "h1/unread-content/too-large-chunked", "h1/unread-content/too-large-length",
    ];
    /// Refuses expectations that it does not know, and takes the content for the next request.
    LeavesUnexpectedContent => [
        "h1/unread-content/unknown-expectation-chunked",
        "h1/unread-content/unknown-expectation-length",
    ];
    /// Answers an error in a head, and takes the content for the next request.
    GoesOnAfterBadHead => [
        "h1/codings/folded", "h1/codings/folded-list", "h1/codings/folded-with-length",
        "h1/codings/form-feed-before", "h1/codings/form-feed-behind", "h1/codings/nul-behind",
        "h1/codings/unit-separator-behind", "h1/codings/vertical-tab-behind",
        "h1/codings/without-host", "h1/length-numbers/folded",
        "h1/length-numbers/form-feed-before", "h1/length-numbers/nul-behind",
        "h1/length-numbers/nul-inside", "h1/length-numbers/vertical-tab-behind",
        "h1/pipelining/garbage-stops", "h1/request-line/bare-lf", "h1/trailers/host",
        "h1/transfer-encoding/control-character", "h1/transfer-encoding/space-before-colon",
        "h1/unread-content/bad-field", "h1/unread-content/bad-target",
        "h1/unread-content/large-fields", "h1/unread-content/long-target",
        "h1/unread-content/other-version", "h1/unread-content/without-host",
        "h1/unread-content/without-host-chunked", "h1/upgrade/http-2-preface",
    ];
    /// Takes content that has not come when the response is there for the next request.
    TakesLateContentForRequest => [
        "h1/late-content/get-chunked", "h1/late-content/get-length",
        "h1/late-content/head-chunked", "h1/late-content/head-length",
        "h1/late-content/not-allowed-chunked", "h1/late-content/not-allowed-length",
        "h1/late-content/not-found-chunked", "h1/late-content/not-found-length",
    ];
    /// Never reads on when content has not come while its response was made.
    HangsOnLateContent => [
        "h1/late-content/get-chunked", "h1/late-content/get-length",
        "h1/late-content/head-chunked", "h1/late-content/head-length",
        "h1/late-content/not-allowed-chunked", "h1/late-content/not-allowed-length",
        "h1/late-content/not-found-chunked", "h1/late-content/not-found-length",
    ];

    // After the end (RFC 9112 sections 6.3 and 9.6).

    /// Says that it closes, and answers what comes within some tenths of a second all the same.
    AnswersLateRequests => [
        "h1/after-the-end/chunked", "h1/after-the-end/content", "h1/after-the-end/garbage",
        "h1/after-the-end/head", "h1/after-the-end/late-request",
        "h1/after-the-end/late-request-to-http-1-0", "h1/after-the-end/not-found",
        "h1/after-the-end/pipelined-to-http-1-0", "h1/connection/nothing-after-close",
    ];
    /// Answers an error, says that it closes, and answers what comes then all the same.
    AnswersAfterRefusal => [
        "h1/after-the-end/after-bad-chunk", "h1/after-the-end/after-bad-host",
        "h1/after-the-end/after-bad-length", "h1/after-the-end/after-both-lengths",
        "h1/after-the-end/after-unknown-coding", "h1/after-the-end/bad-chunk-is-request",
        "h1/after-the-end/bad-chunk-pipelined", "h1/after-the-end/bad-length-is-request",
        "h1/after-the-end/bad-second-chunk", "h1/after-the-end/unknown-coding-is-request",
        "h1/chunk-lines/byte-and-lf-after-data", "h1/chunk-lines/cr-after-data",
        "h1/chunk-lines/cr-after-size", "h1/chunk-lines/cr-alone-after-size",
        "h1/chunk-lines/cr-in-extension", "h1/chunk-lines/lf-after-data",
        "h1/chunk-lines/lf-after-last-size", "h1/chunk-lines/lf-at-the-end",
        "h1/chunk-lines/lf-cr-after-data", "h1/chunk-lines/lf-ends-extension",
        "h1/chunk-lines/lf-in-extension", "h1/chunk-lines/lf-in-last-extension",
        "h1/chunk-lines/lf-in-quotes", "h1/chunk-lines/nothing-after-data",
        "h1/chunk-lines/nul-in-extension", "h1/chunk-lines/of-get", "h1/chunk-size/comma",
        "h1/chunk-size/form-feed-before", "h1/chunk-size/fraction",
        "h1/chunk-size/last-not-hexadecimal", "h1/chunk-size/letter-behind",
        "h1/chunk-size/minus-zero", "h1/chunk-size/nul-behind", "h1/chunk-size/of-get",
        "h1/chunk-size/other-digits", "h1/chunk-size/plus", "h1/chunk-size/plus-later",
        "h1/chunk-size/prefix-later", "h1/chunk-size/quoted", "h1/chunk-size/space-before",
        "h1/chunk-size/space-inside", "h1/chunk-size/underscore",
        "h1/chunk-size/vertical-tab-behind", "h1/chunked/bare-lf", "h1/chunked/longer-than-size",
        "h1/chunked/no-end-of-chunk", "h1/chunked/size-negative",
        "h1/chunked/size-not-hexadecimal", "h1/chunked/size-overflow", "h1/chunked/size-prefix",
        "h1/chunked/too-large", "h1/codings/chunked-then-unknown", "h1/codings/comma-with-length",
        "h1/codings/empty-with-length", "h1/codings/equals-sign", "h1/codings/folded",
        "h1/codings/folded-list", "h1/codings/folded-with-length", "h1/codings/form-feed-before",
        "h1/codings/form-feed-behind", "h1/codings/identity-then-chunked",
        "h1/codings/in-http-1-0-with-length", "h1/codings/next-line-behind",
        "h1/codings/no-break-space-before", "h1/codings/no-break-space-behind",
        "h1/codings/nul-behind", "h1/codings/obs-text-behind", "h1/codings/of-get-unknown",
        "h1/codings/of-get-with-length", "h1/codings/parameter", "h1/codings/prefix",
        "h1/codings/semicolon", "h1/codings/single-quotes", "h1/codings/space-inside",
        "h1/codings/twice", "h1/codings/twice-in-two-lines", "h1/codings/unit-separator-behind",
        "h1/codings/unknown-then-chunked", "h1/codings/vertical-tab-behind",
        "h1/content-length/differing-lines", "h1/content-length/differing-list",
        "h1/content-length/fraction", "h1/content-length/garbage-behind",
        "h1/content-length/hexadecimal", "h1/content-length/inner-space",
        "h1/content-length/minus", "h1/content-length/overflow", "h1/content-length/plus",
        "h1/content-length/too-large", "h1/fields/bare-lf", "h1/fields/too-large",
        "h1/fields/too-many", "h1/late-content/too-large", "h1/length-numbers/binary-prefix",
        "h1/length-numbers/empty-line-behind", "h1/length-numbers/empty-member",
        "h1/length-numbers/exponent", "h1/length-numbers/folded",
        "h1/length-numbers/form-feed-before", "h1/length-numbers/invalid-member",
        "h1/length-numbers/invalid-second-line", "h1/length-numbers/letter-behind",
        "h1/length-numbers/line-and-list", "h1/length-numbers/list-middle-differs",
        "h1/length-numbers/no-break-space-behind", "h1/length-numbers/nul-behind",
        "h1/length-numbers/nul-inside", "h1/length-numbers/octal-prefix",
        "h1/length-numbers/other-digits", "h1/length-numbers/quoted",
        "h1/length-numbers/semicolon", "h1/length-numbers/tab-inside",
        "h1/length-numbers/three-lines", "h1/length-numbers/underscore",
        "h1/length-numbers/vertical-tab-behind", "h1/methods/not-a-token",
        "h1/pipelining/error-stops", "h1/pipelining/garbage-stops", "h1/request-line/bare-lf",
        "h1/request-line/no-version", "h1/request-line/space-in-target",
        "h1/request-line/target-too-long", "h1/request-line/two-spaces",
        "h1/request-line/version-9-9", "h1/request-line/version-leading-zero",
        "h1/request-line/version-lower-case", "h1/request-line/version-other-name",
        "h1/request-line/version-three-parts", "h1/target/control-character", "h1/target/nul",
        "h1/trailers/bare-cr-at-the-end", "h1/trailers/bare-lf", "h1/trailers/control-character",
        "h1/trailers/host", "h1/trailers/name-empty", "h1/trailers/name-not-a-token",
        "h1/trailers/no-colon", "h1/trailers/no-empty-line", "h1/trailers/space-before-colon",
        "h1/transfer-encoding/chunked-not-last", "h1/transfer-encoding/control-character",
        "h1/transfer-encoding/identity", "h1/transfer-encoding/in-http-1-0",
        "h1/transfer-encoding/length-behind", "h1/transfer-encoding/longer-name",
        "h1/transfer-encoding/quoted", "h1/transfer-encoding/space-before-colon",
        "h1/transfer-encoding/two-lines", "h1/transfer-encoding/unknown-before-chunked",
        "h1/transfer-encoding/with-length", "h1/transfer-encoding/with-length-smuggled",
        "h1/unread-content/bad-field", "h1/unread-content/bad-target",
        "h1/unread-content/large-fields", "h1/unread-content/long-target",
        "h1/unread-content/other-version", "h1/unread-content/too-large-chunked",
        "h1/unread-content/too-large-length", "h1/unread-content/without-host",
        "h1/unread-content/without-host-chunked", "h1/upgrade/http-2-preface",
    ];
    /// Answers a chunk that can not be decoded, and goes on with what comes after its size.
    GoesOnAfterBadChunk => [
        "h1/after-the-end/after-bad-chunk", "h1/after-the-end/bad-chunk-is-request",
        "h1/after-the-end/bad-chunk-pipelined", "h1/after-the-end/bad-second-chunk",
        "h1/chunk-lines/nul-in-extension", "h1/chunk-size/comma", "h1/chunk-size/form-feed-before",
        "h1/chunk-size/fraction", "h1/chunk-size/last-not-hexadecimal",
        "h1/chunk-size/letter-behind", "h1/chunk-size/minus-zero", "h1/chunk-size/nul-behind",
        "h1/chunk-size/of-get", "h1/chunk-size/other-digits", "h1/chunk-size/plus",
        "h1/chunk-size/plus-later", "h1/chunk-size/prefix-later", "h1/chunk-size/quoted",
        "h1/chunk-size/space-before", "h1/chunk-size/space-inside", "h1/chunk-size/underscore",
        "h1/chunk-size/vertical-tab-behind", "h1/chunked/size-negative",
        "h1/chunked/size-not-hexadecimal", "h1/chunked/size-overflow", "h1/chunked/size-prefix",
    ];
    /// Answers a request without `Host`, and goes on with what follows its head.
    GoesOnAfterMissingHost => [
        "h1/codings/without-host", "h1/trailers/host", "h1/unread-content/without-host",
        "h1/unread-content/without-host-chunked",
    ];

    // Responses (RFC 9112 section 4, RFC 9110 sections 6.6.1 and 8.6).

    /// Sends a `Date` that is a day late.
    DateIsYesterday => [
        "h1/dates/bad-chunk", "h1/dates/bad-field", "h1/dates/bad-length",
        "h1/dates/bad-request-line", "h1/dates/large-fields", "h1/dates/missing-host",
        "h1/dates/now", "h1/dates/now-on-errors", "h1/dates/now-on-head",
    ];
    /// Sends a `Date` that is a year early.
    DateIsNextYear => [
        "h1/dates/bad-chunk", "h1/dates/bad-field", "h1/dates/bad-length",
        "h1/dates/bad-request-line", "h1/dates/large-fields", "h1/dates/missing-host",
        "h1/dates/now", "h1/dates/now-on-errors", "h1/dates/now-on-head",
    ];
    /// Sends the time of another time zone as `Date`.
    DateIsLocalTime => [
        "h1/dates/bad-chunk", "h1/dates/bad-field", "h1/dates/bad-length",
        "h1/dates/bad-request-line", "h1/dates/large-fields", "h1/dates/missing-host",
        "h1/dates/now", "h1/dates/now-on-errors", "h1/dates/now-on-head",
    ];
    /// Sends no `Date` with errors that it finds while it reads a request.
    NoDateOnRefusals => [
        "app/every-response/date", "h1/dates/bad-chunk", "h1/dates/bad-field",
        "h1/dates/bad-length", "h1/dates/bad-request-line", "h1/dates/large-fields",
        "h1/dates/missing-host",
    ];
    /// Sends no space after a status code, where no phrase follows.
    NoSpaceAfterStatus => [
        "h1/status-line/bad-request", "h1/status-line/not-allowed", "h1/status-line/not-found",
        "h1/status-line/ok",
    ];
    /// Sends no space after the status code of errors that it finds while it reads a request.
    NoSpaceOnRefusals => ["h1/status-line/bad-request"];
    /// Answers OPTIONS with a 204 that has a length.
    LengthOn204 => ["h1/no-content/asterisk", "h1/no-content/options"];
    /// Answers OPTIONS with a 204 that is chunked.
    ChunkedOn204 => [
        "h1/methods/options", "h1/no-content/asterisk", "h1/no-content/options",
        "h1/target/asterisk-options", "h1/unread-content/options-chunked",
        "h1/unread-content/options-length",
    ];
}
