//! Cheats anywhere but with files, each with the checks that must notice it.

use crate::quirk::quirks;

quirks! {
    /// One deliberate violation of the application contract.
    Cheat;

    // Everywhere.

    /// Answers every unknown path with 200.
    CatchAll => [
        "app/plaintext/other-path", "app/plaintext/similar-path", "app/plaintext/upper-case-path",
        "app/plaintext/trailing-slash", "app/plaintext/root-path", "app/json/trailing-slash",
        "app/users/no-id",
    ];
    /// Compares paths without regard to case.
    CaseInsensitivePaths => ["app/plaintext/upper-case-path"];
    /// Takes a path with a slash at the end for the one without.
    IgnoresTrailingSlash => ["app/plaintext/trailing-slash", "app/json/trailing-slash"];
    /// Takes everything that begins with `/plaintext` for it.
    MatchesPrefixes => ["app/plaintext/similar-path", "app/plaintext/trailing-slash"];
    /// Serves `/plaintext` at the root, too.
    RootIsPlaintext => ["app/plaintext/root-path"];
    /// Takes the query for a part of the path.
    QueryIsPath => ["app/plaintext/query", "app/users/query", "app/static/query"];
    /// Answers any method as if it were GET.
    AnyMethodIsGet => [
        "app/plaintext/post", "app/plaintext/delete", "app/plaintext/options", "app/json/put",
        "app/users/post", "app/search/post", "app/static/post", "app/delay/post",
    ];
    /// Answers GET of what takes POST only with 404.
    HidesPostPaths => ["app/echo/get", "app/upload/get"];
    /// Answers OPTIONS with 204 and nothing else.
    OptionsWithoutAllow => ["app/plaintext/options"];
    /// Answers HEAD with 405.
    RefusesHead => [
        "app/plaintext/head", "app/json/head", "app/users/head", "app/search/head",
        "app/static/head", "app/static/if-none-match-head", "app/static/encoding-head",
        "app/delay/head", "app/static/range-head",
    ];
    /// Leaves out Content-Type in response to HEAD.
    HeadWithoutType => [
        "app/plaintext/head", "app/json/head", "app/users/head", "app/search/head",
        "app/static/head", "app/delay/head",
    ];
    /// Never updates Date.
    FrozenDate => ["app/plaintext/date-ticks"];
    /// Does not name itself in Server.
    Anonymous => ["app/every-response/server"];
    /// Ends the content of 404 with the connection.
    ClosesAfterErrors => ["app/every-response/framing"];
    /// Sends the text of errors without Content-Type.
    UntypedErrors => ["app/every-response/content-type"];
    /// Sends JSON as text/plain.
    JsonAsText => [
        "app/json/answer", "app/echo/answer", "app/echo/any-media-type", "app/users/answer",
        "app/search/answer", "app/delay/answer", "app/upload/answer",
    ];
    /// Refuses chunked content with 411.
    RefusesChunked => [
        "app/echo/largest-chunked", "app/echo/chunked", "app/upload/megabytes-chunked",
        "app/upload/chunked",
    ];

    // /plaintext, /json, /users, /delay

    /// Answers `/plaintext` with another text.
    OtherText => [
        "app/plaintext/answer", "app/plaintext/query", "app/plaintext/head",
        "app/plaintext/concurrent",
    ];
    /// Answers `/plaintext` as text/html.
    TextAsHtml => ["app/plaintext/answer"];
    /// Answers `/plaintext` with two `Content-Type`, the first of which is right.
    TextTypedTwice => ["app/plaintext/answer"];
    /// Answers `/json` with another message.
    OtherMessage => ["app/json/answer", "app/json/head"];
    /// Answers `/users/{id}` with the same user, whatever the id.
    OneUser => [
        "app/users/answer", "app/users/small", "app/users/bounds", "app/users/query",
        "app/users/head",
    ];
    /// Knows users up to 2^32 only.
    Users32Bit => ["app/users/answer", "app/users/bounds"];
    /// Answers anything that stands in the place of an id with 200.
    AnythingIsAnId => [
        "app/users/out-of-range", "app/users/not-a-number", "app/users/empty", "app/users/deeper",
        "app/users/post",
    ];
    /// Answers delays of a second and more at once.
    NeverHolds => ["app/delay/held"];
    /// Holds one long delay at a time.
    HoldsOneAtATime => ["app/delay/concurrent"];
    /// Takes any text for a delay of 0.
    AnythingIsADelay => [
        "app/delay/out-of-range", "app/delay/not-a-number", "app/delay/empty", "app/delay/post",
    ];
    /// Answers `/delay` without saying how long.
    OtherDelayAnswer => [
        "app/delay/answer", "app/delay/zero", "app/delay/held", "app/delay/concurrent",
    ];

    // /search

    /// Answers every search with the same query and limit.
    OneSearch => [
        "app/search/answer", "app/search/unicode", "app/search/escapes", "app/search/plus",
        "app/search/lower-case-hex", "app/search/order", "app/search/unknown-parameters",
        "app/search/repeated-parameters", "app/search/limit-missing",
        "app/search/limit-not-an-integer", "app/search/limit-low", "app/search/limit-high",
        "app/search/limit-huge", "app/search/head",
    ];
    /// Does not decode the query.
    UndecodedQuery => [
        "app/search/unicode", "app/search/escapes", "app/search/plus", "app/search/lower-case-hex",
    ];
    /// Leaves a plus in the query as it is.
    KeepsPlus => ["app/search/plus"];
    /// Knows upper-case hexadecimal digits only.
    UpperCaseHexOnly => ["app/search/lower-case-hex"];
    /// Does not escape the query in its answer.
    UnescapedAnswer => ["app/search/unicode", "app/search/escapes"];
    /// Takes the first parameter for the query.
    PositionalParameters => [
        "app/search/order", "app/search/unknown-parameters", "app/search/q-missing",
    ];
    /// Answers 400 to parameters that it does not know.
    StrictParameters => ["app/search/unknown-parameters"];
    /// Lets the last of repeated parameters count.
    LastParameterWins => ["app/search/repeated-parameters"];
    /// Takes 20 for the limit where there is none.
    OtherDefaultLimit => [
        "app/search/limit-missing", "app/search/limit-not-an-integer", "app/search/limit-huge",
    ];
    /// Answers 400 to a limit that is no integer.
    StrictLimit => ["app/search/limit-not-an-integer", "app/search/limit-huge"];
    /// Answers limits as they are.
    UnclampedLimit => ["app/search/limit-low", "app/search/limit-high"];
    /// Takes an integer that does not fit 64 bits for none.
    Limit64Bit => ["app/search/limit-huge"];
    /// Searches for everything where there is no query.
    SearchesForEverything => ["app/search/q-missing", "app/search/q-empty", "app/search/no-query"];

    // /echo and /upload

    /// Answers every echo with the same JSON.
    OneEcho => [
        "app/echo/answer", "app/echo/small", "app/echo/medium", "app/echo/large", "app/echo/fresh",
        "app/echo/concurrent", "app/echo/largest", "app/echo/largest-chunked", "app/echo/chunked",
        "app/echo/unicode", "app/echo/escapes", "app/echo/integers", "app/echo/large-integers",
        "app/echo/fractions", "app/echo/scalars", "app/echo/nested", "app/echo/white-space",
        "app/echo/any-media-type", "app/echo/no-media-type", "app/echo/invalid",
        "app/echo/not-utf8", "app/echo/empty",
    ];
    /// Refuses content of more than 64 KiB.
    SmallEchoLimit => ["app/echo/largest", "app/echo/largest-chunked"];
    /// Takes content of any length.
    NoEchoLimit => ["app/echo/too-large", "app/echo/too-large-chunked"];
    /// Replaces every character beyond ASCII.
    AsciiOnlyEcho => [
        "app/echo/medium", "app/echo/large", "app/echo/fresh", "app/echo/concurrent",
        "app/echo/largest", "app/echo/largest-chunked", "app/echo/chunked", "app/echo/unicode",
        "app/echo/escapes", "app/echo/any-media-type", "app/echo/no-media-type",
    ];
    /// Reads every integer as a double.
    IntegersAreDoubles => ["app/echo/large-integers"];
    /// Rounds numbers to three decimals.
    RoundsNumbers => ["app/echo/fractions"];
    /// Takes objects only.
    ObjectsOnly => [
        "app/echo/escapes", "app/echo/integers", "app/echo/large-integers", "app/echo/fractions",
        "app/echo/scalars", "app/echo/nested",
    ];
    /// Takes 16 levels of nesting only.
    ShallowOnly => ["app/echo/nested"];
    /// Takes application/json only.
    StrictMediaType => [
        "app/echo/small", "app/echo/medium", "app/echo/large", "app/echo/fresh",
        "app/echo/concurrent", "app/echo/largest", "app/echo/largest-chunked", "app/echo/chunked",
        "app/echo/unicode", "app/echo/escapes", "app/echo/integers", "app/echo/large-integers",
        "app/echo/fractions", "app/echo/scalars", "app/echo/nested", "app/echo/white-space",
        "app/echo/any-media-type", "app/echo/no-media-type", "app/echo/not-utf8", "app/echo/empty",
    ];
    /// Refuses content that begins with white space.
    StrictWhiteSpace => ["app/echo/white-space"];
    /// Takes what is not JSON for null.
    InvalidIsNull => ["app/echo/invalid", "app/echo/not-utf8", "app/echo/empty"];
    /// Takes no content for null.
    EmptyIsNull => ["app/echo/empty"];
    /// Answers every upload with the same receipt.
    OneReceipt => [
        "app/upload/empty", "app/upload/leading-zeros", "app/upload/fresh", "app/upload/megabytes",
        "app/upload/megabytes-chunked", "app/upload/chunked", "app/upload/concurrent",
    ];
    /// Leaves out leading zeros of the checksum.
    UnpaddedChecksum => ["app/upload/empty", "app/upload/leading-zeros", "app/upload/concurrent"];
    /// Answers another checksum.
    OtherChecksum => [
        "app/upload/answer", "app/upload/empty", "app/upload/leading-zeros", "app/upload/fresh",
        "app/upload/megabytes", "app/upload/megabytes-chunked", "app/upload/chunked",
        "app/upload/concurrent",
    ];
    /// Refuses uploads of more than 1 MiB.
    UploadLimit => ["app/upload/megabytes", "app/upload/megabytes-chunked"];
}
