//! Violations in reading requests, each with the cases that must notice it.

use crate::quirk::quirks;

quirks! {
    /// One deliberate violation in how the bytes of requests are read.
    WireQuirk;

    // The request line (RFC 9112 sections 2.2, 2.3 and 3).

    /// Answers 400 to an empty line before a request.
    RejectsEmptyLine => [
        "h1/request-line/empty-line-after-content", "h1/request-line/empty-line-first",
    ];
    /// Answers 500 when a line ends in LF alone.
    BreaksOnBareLf => ["h1/fields/bare-lf", "h1/request-line/bare-lf"];
    /// Takes a CR alone for the end of a line.
    BareCrEndsLine => [
        "h1/chunk-lines/cr-alone-after-size", "h1/fields/bare-cr", "h1/line-ends/cr-ends-head",
        "h1/line-ends/cr-in-field-line", "h1/trailers/bare-cr-at-the-end",
    ];
    /// Takes a line of white space and a field before the first field for a field.
    TrimsFirstFieldLine => ["h1/fields/space-before-first"];
    /// Gives up when the head of a request does not come in one segment.
    NeedsHeadInOneRead => [
        "h1/chunked/split-at-every-byte", "h1/chunked/split-extension", "h1/chunked/split-trailer",
        "h1/content-length/split-at-every-byte", "h1/fields/too-large", "h1/fields/too-many",
        "h1/pipelining/split-at-every-byte", "h1/request-line/byte-by-byte",
        "h1/request-line/split-at-every-byte",
        "h1/request-line/target-too-long", "h1/slow-clients/head", "h1/slow-clients/pause-in-head",
    ];
    /// Treats any version as HTTP/1.1.
    AnyVersion => [
        "h1/request-line/version-leading-zero",
        "h1/request-line/version-lower-case", "h1/request-line/version-other-name",
        "h1/request-line/version-three-parts",
    ];
    /// Answers 505 to a minor version above 1.
    RejectsHigherMinor => ["h1/request-line/version-1-2"];
    /// Takes a request line without a version for HTTP/1.0.
    AnswersWithoutVersion => ["h1/request-line/no-version"];
    /// Lets the target reach to the last space of the line.
    SplitsLineAtLastSpace => ["h1/request-line/space-in-target"];
    /// Takes the nothing between two spaces for a target.
    TakesEmptyTarget => ["h1/request-line/two-spaces"];
    /// Goes on with the next line after an error in a request line.
    GoesOnAfterBadLine => [
        "h1/methods/not-a-token", "h1/pipelining/garbage-stops", "h1/request-line/no-version",
        "h1/request-line/space-in-target", "h1/request-line/two-spaces",
        "h1/request-line/version-9-9", "h1/request-line/version-leading-zero",
        "h1/request-line/version-lower-case", "h1/request-line/version-other-name",
        "h1/request-line/version-three-parts", "h1/target/control-character", "h1/target/nul",
        "h1/unread-content/other-version", "h1/upgrade/http-2-preface",
    ];
    /// Answers 414 to a request line of more than 4,096 bytes.
    ShortLineLimit => ["h1/request-line/line-of-8000"];
    /// Closes without an answer when a line or all fields are too long.
    ClosesOnLargeHead => [
        "h1/fields/too-large", "h1/fields/too-many", "h1/request-line/target-too-long",
    ];

    // Targets and Host (RFC 9112 section 3.2).

    /// Answers 400 to a target in absolute-form.
    RejectsAbsoluteForm => [
        "h1/target/absolute-form", "h1/target/absolute-form-no-path",
        "h1/target/absolute-form-query",
    ];
    /// Answers 400 when `Host` is not the authority of an absolute-form target.
    HostMustMatchTarget => ["h1/target/absolute-form-beats-host"];
    /// Takes a target without a slash in front for one with it.
    AddsSlash => ["h1/target/no-slash"];
    /// Takes a `?` with nothing behind it for part of the path.
    KeepsEmptyQueryInPath => ["h1/target/empty-query"];
    /// Decodes a query before it looks for delimiters in it.
    DecodesBeforeSplitting => [
        "app/search/escapes", "app/search/lower-case-hex", "app/search/plus", "app/search/unicode",
        "h1/target/encoded-query",
    ];
    /// Closes without an answer when the target is `*`.
    ClosesOnAsterisk => ["h1/target/asterisk-get", "h1/target/asterisk-options"];
    /// Cuts targets and field values at a NUL.
    TruncatesAtNul => ["h1/fields/nul", "h1/length-numbers/nul-inside", "h1/target/nul"];
    /// Answers an HTTP/1.1 request without `Host`.
    AcceptsMissingHost => [
        "h1/host-values/missing-in-pipeline", "h1/host-values/missing-later",
        "h1/host-values/missing-on-unknown-path", "h1/host-values/missing-third",
        "h1/host-values/missing-with-content", "h1/host/missing", "h1/trailers/host",
    ];
    /// Asks for no `Host` where the target is in absolute-form.
    AbsoluteFormIsHostEnough => ["h1/target/absolute-form-without-host"];
    /// Answers 400 to an HTTP/1.0 request without `Host`.
    RejectsHttp10WithoutHost => ["h1/host/missing-in-http-1-0"];
    /// Takes the first of several `Host` lines.
    AcceptsRepeatedHost => [
        "h1/host-values/repeated-later", "h1/host/repeated", "h1/host/repeated-different",
    ];
    /// Takes any value of `Host`.
    AcceptsInvalidHost => [
        "h1/host-values/backslash", "h1/host-values/empty", "h1/host-values/fragment",
        "h1/host-values/invalid-later", "h1/host-values/list", "h1/host-values/negative-port",
        "h1/host-values/open-bracket", "h1/host-values/port-not-a-number", "h1/host-values/query",
        "h1/host-values/scheme", "h1/host-values/two-ports", "h1/host-values/user-and-password",
        "h1/host-values/userinfo", "h1/host/path", "h1/host/space",
    ];
    /// Answers 400 to an IP literal in `Host`.
    RejectsIpv6Host => ["h1/host/ipv6"];

    // Fields (RFC 9112 section 5, RFC 9110 section 5).

    /// Knows field names in lower case and in Title-Case only.
    KnowsOnlyUsualCase => ["h1/fields/name-case"];
    /// Allows white space between a field name and the colon.
    AcceptsSpaceBeforeColon => [
        "h1/fields/space-before-colon", "h1/fields/tab-before-colon",
        "h1/trailers/space-before-colon", "h1/transfer-encoding/space-before-colon",
    ];
    /// Takes the continuation of a folded line for a field of its own.
    SplitsFoldedLines => ["h1/fields/folded"];
    /// Takes spaces alone for the white space around the members of a list.
    OnlySpacesInLists => ["h1/connection/close-and-tab"];
    /// Takes the first empty member for the end of a list.
    EmptyMemberEndsList => ["h1/connection/close-before-empty-members"];
    /// Ignores field lines that are malformed.
    LenientFieldLines => [
        "h1/fields/name-empty", "h1/fields/name-not-a-token", "h1/fields/no-colon",
        "h1/trailers/name-empty", "h1/trailers/name-not-a-token", "h1/trailers/no-colon",
    ];
    /// Answers 400 to a field name with other characters than letters, digits and hyphens.
    NarrowFieldNames => ["h1/fields/name-characters"];
    /// Answers 400 to bytes above 127 in a field value.
    RejectsObsText => ["h1/fields/obs-text"];
    /// Takes tabs and further spaces around a field value for part of it.
    KeepsTabsAroundValues => ["h1/fields/white-space-around"];
    /// Takes any control character around a field value for white space.
    TrimsControlCharacters => [
        "h1/codings/form-feed-before", "h1/codings/form-feed-behind",
        "h1/codings/unit-separator-behind", "h1/codings/vertical-tab-behind",
        "h1/length-numbers/form-feed-before", "h1/length-numbers/vertical-tab-behind",
        "h1/transfer-encoding/control-character",
    ];
    /// Answers 400 when no space follows the colon.
    NeedsSpaceAfterColon => ["h1/fields/empty-value", "h1/fields/no-white-space"];
    /// Answers 400 to an empty field value.
    RejectsEmptyValue => ["app/static/identity", "h1/fields/empty-value"];
    /// Looks at the first line only of a field that comes in several lines.
    FirstOfRepeatedFields => [
        "h1/after-the-end/bad-length-is-request", "h1/codings/chunked-then-unknown",
        "h1/codings/twice-in-two-lines", "h1/connection/close-in-second-line",
        "h1/content-length/differing-lines", "h1/fields/list-in-two-lines",
        "h1/host-values/repeated-later", "h1/host/repeated", "h1/host/repeated-different",
        "h1/length-numbers/invalid-second-line", "h1/length-numbers/line-and-list",
        "h1/length-numbers/of-get-differing", "h1/length-numbers/three-lines",
        "h1/options/keep-alive-line-then-close", "h1/transfer-encoding/two-lines",
    ];
    /// Copies the decoded path of a 404, and the decoded query of `/search`, into a response field.
    ReflectsTarget => [
        "app/search/escapes", "app/static/nul", "h1/responses/no-reflection",
        "h1/responses/no-reflection-of-query",
    ];

    // Content-Length (RFC 9112 section 6.3).

    /// Ignores what follows the digits of `Content-Length`.
    LengthMayHaveGarbage => [
        "h1/after-the-end/after-bad-length", "h1/content-length/fraction",
        "h1/content-length/garbage-behind", "h1/content-length/hexadecimal",
        "h1/content-length/inner-space", "h1/dates/bad-length", "h1/length-numbers/binary-prefix",
        "h1/length-numbers/exponent", "h1/length-numbers/invalid-member",
        "h1/length-numbers/letter-behind", "h1/length-numbers/no-break-space-behind",
        "h1/length-numbers/octal-prefix", "h1/length-numbers/semicolon",
        "h1/length-numbers/tab-inside", "h1/length-numbers/underscore",
        "h1/pipelining/error-stops",
    ];
    /// Ignores a sign before the digits of `Content-Length`.
    LengthMayHaveSign => [
        "h1/content-length/minus", "h1/content-length/plus",
        "h1/length-numbers/invalid-second-line", "h1/length-numbers/minus-zero",
        "h1/length-numbers/of-get", "h1/length-numbers/of-get-plus",
    ];
    /// Computes `Content-Length` modulo 2^64.
    LengthWraps => ["h1/content-length/overflow", "h1/length-numbers/two-to-128"];
    /// Takes an empty `Content-Length` for 0.
    EmptyLengthIsZero => ["h1/content-length/empty"];
    /// Takes the last of several lengths that differ.
    LastLengthWins => [
        "h1/after-the-end/bad-length-is-request", "h1/content-length/differing-lines",
        "h1/content-length/differing-list", "h1/length-numbers/line-and-list",
        "h1/length-numbers/list-middle-differs", "h1/length-numbers/of-get-differing",
        "h1/length-numbers/three-lines",
    ];
    /// Ignores a repeated `Content-Length`, even when all values are the same.
    RepeatedLengthIsNone => [
        "h1/after-the-end/bad-length-is-request", "h1/content-length/differing-lines",
        "h1/content-length/differing-list", "h1/content-length/same-lines",
        "h1/content-length/same-list", "h1/length-numbers/line-and-list",
        "h1/length-numbers/list-middle-differs", "h1/length-numbers/of-get-differing",
        "h1/length-numbers/three-lines",
    ];
    /// Reads a length that starts with 0 as an octal number.
    OctalLength => ["h1/content-length/leading-zeros"];
    /// Reads the content of a POST until the end of the connection when its length is 0 or missing.
    ReadsContentUntilEnd => [
        "app/echo/empty", "app/upload/empty", "h1/content-length/none", "h1/content-length/zero",
        "h1/framing-names/content-length", "h1/framing-names/transfer-encoding",
    ];
    /// Answers a request whose content was cut off.
    AnswersIncompleteContent => [
        "h1/chunk-size/two-to-32", "h1/chunk-size/two-to-63", "h1/chunk-size/two-to-64-less-one",
        "h1/chunked/cut-off", "h1/chunked/cut-off-inside", "h1/content-length/cut-off-json",
        "h1/content-length/cut-off-upload", "h1/length-numbers/two-to-32",
        "h1/length-numbers/two-to-63", "h1/length-numbers/two-to-64-less-one",
    ];
    /// Takes the content of a GET for the next request.
    IgnoresContentOfGet => [
        "h1/after-the-end/after-bad-length", "h1/after-the-end/after-both-lengths",
        "h1/after-the-end/after-unknown-coding", "h1/codings/of-get-unknown",
        "h1/codings/of-get-with-length", "h1/content-length/get-with-content",
        "h1/late-content/cut-chunk", "h1/late-content/get-chunked", "h1/late-content/get-length",
        "h1/length-numbers/of-get", "h1/length-numbers/of-get-differing",
        "h1/length-numbers/of-get-plus", "h1/unread-content/get-chunked",
        "h1/unread-content/get-length", "h1/unread-content/http-1-0-keep-alive",
    ];
    /// Takes content that the endpoint did not read for the next request.
    LeavesContentUnread => [
        "h1/content-length/get-with-content", "h1/content-length/unwanted-content",
        "h1/content-length/unwanted-content-unknown-path", "h1/late-content/cut-chunk",
        "h1/late-content/get-chunked", "h1/late-content/get-length",
        "h1/late-content/head-chunked", "h1/late-content/head-length",
        "h1/late-content/not-allowed-chunked", "h1/late-content/not-allowed-length",
        "h1/late-content/not-found-chunked", "h1/late-content/not-found-length", "h1/methods/put",
        "h1/unread-content/delete-chunked", "h1/unread-content/delete-length",
        "h1/unread-content/get-chunked", "h1/unread-content/get-length",
        "h1/unread-content/head-chunked", "h1/unread-content/head-length",
        "h1/unread-content/head-not-found-chunked", "h1/unread-content/head-not-found-length",
        "h1/unread-content/http-1-0-keep-alive", "h1/unread-content/not-allowed-chunked",
        "h1/unread-content/not-found-chunked", "h1/unread-content/options-chunked",
        "h1/unread-content/options-length", "h1/unread-content/patch-chunked",
        "h1/unread-content/patch-length", "h1/unread-content/put-chunked",
        "h1/unread-content/put-length", "h1/unread-content/unknown-method-chunked",
        "h1/unread-content/unknown-method-length",
    ];
    /// Resets the connection, unanswered, when content is larger than allowed.
    ResetsOnLargeContent => [
        "app/echo/too-large", "app/echo/too-large-chunked", "h1/chunked/too-large",
        "h1/content-length/too-large", "h1/expect/too-large",
    ];
    /// Counts only the first 64 KiB of content.
    TruncatesLargeContent => [
        "app/echo/largest", "app/echo/largest-chunked", "app/echo/too-large-chunked",
        "app/upload/concurrent", "app/upload/megabytes", "app/upload/megabytes-chunked",
        "h1/chunked/too-large", "h1/content-length/one-mebibyte", "h1/slow-clients/reader-of-echo",
    ];
    /// Takes the content to be what has come with the first segment.
    NeedsContentInOneRead => [
        "app/echo/largest", "app/echo/largest-chunked", "app/echo/too-large-chunked",
        "app/upload/concurrent", "app/upload/megabytes", "app/upload/megabytes-chunked",
        "h1/chunk-size/two-to-32", "h1/chunk-size/two-to-63", "h1/chunk-size/two-to-64-less-one",
        "h1/chunked/cut-off-inside", "h1/chunked/split-at-every-byte",
        "h1/chunked/split-extension", "h1/chunked/split-trailer", "h1/chunked/too-large",
        "h1/content-length/cut-off-json", "h1/content-length/cut-off-upload",
        "h1/content-length/one-mebibyte", "h1/content-length/split-at-every-byte",
        "h1/length-numbers/two-to-32", "h1/length-numbers/two-to-63",
        "h1/length-numbers/two-to-64-less-one", "h1/pipelining/split-at-every-byte",
        "h1/slow-clients/chunks", "h1/slow-clients/content", "h1/slow-clients/reader-of-echo",
        "h1/unread-content/too-large-chunked",
    ];

    // Transfer-Encoding and the chunked coding (RFC 9112 sections 6.1 and 7.1).

    /// Takes chunked content for the next request.
    IgnoresChunked => [
        "app/echo/chunked", "app/echo/largest-chunked", "app/echo/too-large-chunked",
        "app/upload/chunked", "app/upload/megabytes-chunked", "h1/after-the-end/after-bad-chunk",
        "h1/after-the-end/bad-chunk-is-request", "h1/after-the-end/bad-chunk-pipelined",
        "h1/after-the-end/bad-second-chunk", "h1/after-the-end/chunked",
        "h1/chunk-lines/byte-and-lf-after-data", "h1/chunk-lines/cr-after-data",
        "h1/chunk-lines/cr-after-last-size", "h1/chunk-lines/cr-after-size",
        "h1/chunk-lines/cr-alone-after-size", "h1/chunk-lines/cr-in-extension",
        "h1/chunk-lines/lf-after-data", "h1/chunk-lines/lf-after-last-size",
        "h1/chunk-lines/lf-at-the-end", "h1/chunk-lines/lf-cr-after-data",
        "h1/chunk-lines/lf-ends-extension", "h1/chunk-lines/lf-in-extension",
        "h1/chunk-lines/lf-in-last-extension", "h1/chunk-lines/lf-in-quotes",
        "h1/chunk-lines/nothing-after-data", "h1/chunk-lines/nul-in-extension",
        "h1/chunk-size/comma", "h1/chunk-size/form-feed-before", "h1/chunk-size/fraction",
        "h1/chunk-size/last-not-hexadecimal", "h1/chunk-size/letter-behind",
        "h1/chunk-size/minus-zero", "h1/chunk-size/nul-behind", "h1/chunk-size/other-digits",
        "h1/chunk-size/plus", "h1/chunk-size/plus-later", "h1/chunk-size/prefix-later",
        "h1/chunk-size/quoted", "h1/chunk-size/space-before", "h1/chunk-size/space-inside",
        "h1/chunk-size/two-to-128", "h1/chunk-size/two-to-32", "h1/chunk-size/two-to-63",
        "h1/chunk-size/two-to-64-less-one", "h1/chunk-size/underscore",
        "h1/chunk-size/vertical-tab-behind", "h1/chunked/bare-lf", "h1/chunked/cut-off",
        "h1/chunked/cut-off-inside", "h1/chunked/empty", "h1/chunked/longer-than-size",
        "h1/chunked/no-end-of-chunk", "h1/chunked/one-chunk", "h1/chunked/several-chunks",
        "h1/chunked/size-empty", "h1/chunked/size-negative", "h1/chunked/size-not-hexadecimal",
        "h1/chunked/size-overflow", "h1/chunked/size-prefix", "h1/chunked/thousand-chunks",
        "h1/chunked/too-large", "h1/codings/comma-before", "h1/codings/comma-behind",
        "h1/codings/commas-around", "h1/expect/continue-chunked", "h1/late-content/cut-chunk",
        "h1/late-content/get-chunked", "h1/late-content/head-chunked",
        "h1/late-content/not-allowed-chunked", "h1/late-content/not-found-chunked",
        "h1/pipelining/mixed-64", "h1/slow-clients/chunks", "h1/trailers/bare-cr-at-the-end",
        "h1/trailers/bare-lf", "h1/trailers/content-length", "h1/trailers/control-character",
        "h1/trailers/name-empty", "h1/trailers/name-not-a-token", "h1/trailers/no-colon",
        "h1/trailers/no-empty-line", "h1/trailers/space-before-colon",
        "h1/trailers/transfer-encoding", "h1/unread-content/delete-chunked",
        "h1/unread-content/get-chunked", "h1/unread-content/head-chunked",
        "h1/unread-content/head-not-found-chunked", "h1/unread-content/not-allowed-chunked",
        "h1/unread-content/not-found-chunked", "h1/unread-content/options-chunked",
        "h1/unread-content/patch-chunked", "h1/unread-content/put-chunked",
        "h1/unread-content/too-large-chunked", "h1/unread-content/unknown-expectation-chunked",
        "h1/unread-content/unknown-method-chunked",
    ];
    /// Answers 400 to `A` to `F` in a chunk size.
    ChunkSizeInLowerCaseOnly => [
        "app/echo/chunked", "app/upload/chunked", "h1/chunked/upper-case-size",
    ];
    /// Answers 400 to a chunk extension.
    RejectsChunkExtensions => ["h1/chunked/extensions"];
    /// Answers 400 to zeros in front of a chunk size.
    RejectsZerosInFront => ["h1/chunked/zeros-in-front"];
    /// Answers 400 to white space before a chunk extension.
    RejectsSpaceBeforeExtension => ["h1/chunked/space-before-extension"];
    /// Reads a chunk size as C's `strtol` does, up to the first odd character.
    LenientChunkSize => [
        "h1/after-the-end/after-bad-chunk", "h1/after-the-end/bad-chunk-pipelined",
        "h1/chunk-size/comma", "h1/chunk-size/form-feed-before", "h1/chunk-size/fraction",
        "h1/chunk-size/last-not-hexadecimal", "h1/chunk-size/letter-behind",
        "h1/chunk-size/minus-zero", "h1/chunk-size/prefix-later", "h1/chunk-size/space-before",
        "h1/chunk-size/space-inside", "h1/chunk-size/vertical-tab-behind", "h1/chunked/size-empty",
        "h1/chunked/size-negative", "h1/chunked/size-not-hexadecimal", "h1/chunked/size-prefix",
    ];
    /// Computes chunk sizes modulo 2^64.
    ChunkSizeWraps => ["h1/chunk-size/two-to-128", "h1/chunked/size-overflow"];
    /// Skips the two bytes after a chunk, whatever they are.
    SkipsEndOfChunk => [
        "h1/chunk-lines/byte-and-lf-after-data", "h1/chunk-lines/cr-after-data",
        "h1/chunk-lines/lf-cr-after-data", "h1/chunked/no-end-of-chunk",
    ];
    /// Takes LF alone for the end of a chunk-size line.
    BareLfEndsChunkSize => [
        "h1/chunk-lines/lf-after-last-size", "h1/chunk-lines/lf-ends-extension",
        "h1/chunked/bare-lf",
    ];
    /// Answers 400 to trailer fields.
    RejectsTrailers => ["h1/chunked/trailers"];
    /// Treats trailer fields as header fields.
    MergesTrailers => ["h1/chunked/trailers-not-merged"];
    /// Reads content by `Content-Length` where there is `Transfer-Encoding`, too.
    PrefersLengthOverChunked => [
        "h1/after-the-end/after-both-lengths", "h1/codings/comma-with-length",
        "h1/codings/empty-with-length", "h1/codings/of-get-with-length",
        "h1/transfer-encoding/identity", "h1/transfer-encoding/length-behind",
        "h1/transfer-encoding/with-length", "h1/transfer-encoding/with-length-smuggled",
    ];
    /// Keeps the connection after a request with both `Content-Length` and `Transfer-Encoding`.
    KeepsOpenAfterLengthAndCoding => [
        "h1/after-the-end/after-both-lengths", "h1/codings/of-get-with-length",
        "h1/transfer-encoding/length-behind", "h1/transfer-encoding/with-length",
        "h1/transfer-encoding/with-length-smuggled",
    ];
    /// Keeps the connection after an HTTP/1.0 request with `Transfer-Encoding`.
    KeepsOpenAfterCodingIn10 => [
        "h1/codings/in-http-1-0-with-length", "h1/transfer-encoding/in-http-1-0",
    ];
    /// Ignores `Transfer-Encoding` when its last coding is unknown.
    UnknownCodingIsIdentity => [
        "h1/after-the-end/after-unknown-coding", "h1/after-the-end/unknown-coding-is-request",
        "h1/codings/chunked-then-unknown", "h1/codings/equals-sign", "h1/codings/next-line-behind",
        "h1/codings/no-break-space-before", "h1/codings/no-break-space-behind",
        "h1/codings/obs-text-behind", "h1/codings/of-get-unknown", "h1/codings/parameter",
        "h1/codings/prefix", "h1/codings/semicolon", "h1/codings/single-quotes",
        "h1/codings/space-inside", "h1/transfer-encoding/chunked-not-last",
        "h1/transfer-encoding/longer-name", "h1/transfer-encoding/quoted",
        "h1/transfer-encoding/two-lines", "h1/transfer-encoding/unknown",
    ];
    /// Ignores unknown codings before chunked.
    IgnoresOtherCodings => [
        "h1/codings/twice", "h1/codings/twice-in-two-lines",
        "h1/transfer-encoding/unknown-before-chunked",
    ];
    /// Takes any coding whose name contains `chunked` for it.
    FindsChunkedAnywhere => [
        "h1/codings/chunked-then-unknown", "h1/codings/equals-sign", "h1/codings/next-line-behind",
        "h1/codings/no-break-space-before", "h1/codings/no-break-space-behind",
        "h1/codings/obs-text-behind", "h1/codings/parameter", "h1/codings/prefix",
        "h1/codings/semicolon", "h1/codings/single-quotes", "h1/codings/space-inside",
        "h1/codings/twice", "h1/codings/twice-in-two-lines",
        "h1/transfer-encoding/chunked-not-last", "h1/transfer-encoding/longer-name",
        "h1/transfer-encoding/quoted", "h1/transfer-encoding/two-lines",
        "h1/transfer-encoding/unknown-before-chunked",
    ];
    /// Knows the chunked coding in lower case only.
    CaseSensitiveCoding => ["h1/transfer-encoding/upper-case"];
}
