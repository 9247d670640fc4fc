//! Cheats with files, each with the checks that must notice it.

use crate::quirk::quirks;

quirks! {
    /// One deliberate violation of what the contract says about `/static/{file}`.
    FileCheat;

    /// Serves other bytes of text files.
    OtherBytes => [
        "app/static/answer", "app/static/media-types", "app/static/query",
        "app/static/if-none-match-other", "app/static/if-modified-since-old",
        "app/static/if-modified-since-invalid", "app/static/none-match-before-since",
        "app/static/if-match", "app/static/if-match-list", "app/static/if-match-star",
        "app/static/if-unmodified-since", "app/static/no-such-encoding",
    ];
    /// Serves WebAssembly as application/octet-stream.
    UntypedWasm => ["app/static/media-types"];
    /// Leaves out the charset of HTML.
    HtmlWithoutCharset => ["app/static/html-charset"];
    /// Does not decode names.
    RawNames => ["app/static/encoded-name"];
    /// Answers 200 where there is no file.
    SoftNotFound => [
        "app/static/missing", "app/static/no-name", "app/static/upper-case-name",
        "app/static/folder", "app/static/in-folder", "app/static/encoded-slash",
        "app/static/traversal", "app/static/encoded-dots", "app/static/double-encoding",
        "app/static/nul", "app/static/hidden", "app/static/if-none-match-missing-file",
    ];
    /// Follows encoded slashes and dots.
    FollowsEncodedPaths => [
        "app/static/encoded-slash", "app/static/traversal", "app/static/encoded-dots",
    ];
    /// Decodes names twice.
    DecodesTwice => ["app/static/double-encoding"];
    /// Serves what lies in folders, and folders themselves.
    ServesFolders => [
        "app/static/folder", "app/static/in-folder", "app/static/encoded-slash",
        "app/static/traversal",
    ];
    /// Serves hidden files.
    ServesHidden => ["app/static/hidden"];
    /// Cuts names at a NUL.
    CutsNamesAtNul => ["app/static/nul"];
    /// Finds names in any letter case.
    CaseInsensitiveNames => ["app/static/upper-case-name"];
    /// Sends weak ETags.
    WeakTags => [
        "app/static/validators", "app/static/if-match-list", "app/static/encoding-not-modified",
    ];
    /// Sends another ETag each time.
    RestlessTags => [
        "app/static/head", "app/static/etag-stable", "app/static/if-none-match",
        "app/static/if-modified-since", "app/static/range-validators",
        "app/static/encoding-not-modified", "app/static/encoding-head",
    ];
    /// Does not send Last-Modified.
    NoLastModified => [
        "app/static/head", "app/static/validators", "app/static/etag-stable",
        "app/static/if-none-match", "app/static/if-modified-since",
        "app/static/none-match-before-since", "app/static/if-unmodified-since",
        "app/static/range-validators",
    ];
    /// Does not announce ranges.
    NoAcceptRanges => ["app/static/accept-ranges"];
    /// Ignores If-None-Match.
    IgnoresIfNoneMatch => [
        "app/static/if-none-match", "app/static/if-none-match-weak",
        "app/static/if-none-match-list", "app/static/if-none-match-star",
        "app/static/if-none-match-head", "app/static/none-match-before-since",
        "app/static/range-not-modified", "app/static/encoding-not-modified",
    ];
    /// Compares If-None-Match strongly.
    StrongIfNoneMatch => ["app/static/if-none-match-weak"];
    /// Knows one ETag in If-None-Match only.
    OneTagIfNoneMatch => ["app/static/if-none-match-list"];
    /// Does not know `*` in If-None-Match.
    NoStarIfNoneMatch => ["app/static/if-none-match-star"];
    /// Answers 304 to any If-None-Match.
    AnyIfNoneMatch => [
        "app/static/if-none-match-other", "app/static/none-match-before-since",
        "app/static/etag-of-encoding",
    ];
    /// Answers HEAD without looking at conditions.
    UnconditionalHead => ["app/static/if-none-match-head"];
    /// Answers 304 to If-None-Match where there is no file.
    MissingNotModified => ["app/static/if-none-match-missing-file"];
    /// Answers 304 with the fields of the file left out.
    BareNotModified => [
        "app/static/if-none-match", "app/static/if-modified-since",
        "app/static/encoding-not-modified",
    ];
    /// Ignores If-Modified-Since.
    IgnoresIfModifiedSince => ["app/static/if-modified-since"];
    /// Answers 304 to any If-Modified-Since.
    AnyIfModifiedSince => [
        "app/static/if-modified-since-old", "app/static/if-modified-since-invalid",
    ];
    /// Looks at If-Modified-Since where there is If-None-Match, too.
    SinceBeforeNoneMatch => ["app/static/none-match-before-since"];
    /// Ignores If-Match.
    IgnoresIfMatch => [
        "app/static/if-match-other", "app/static/if-match-weak",
        "app/static/match-before-unmodified", "app/static/match-before-none-match",
    ];
    /// Answers 412 to any If-Match.
    AnyIfMatchFails => [
        "app/static/if-match", "app/static/if-match-list", "app/static/if-match-star",
        "app/static/match-before-unmodified",
    ];
    /// Knows one ETag in If-Match only.
    OneTagIfMatch => ["app/static/if-match-list"];
    /// Does not know `*` in If-Match.
    NoStarIfMatch => ["app/static/if-match-star"];
    /// Compares If-Match weakly.
    WeakIfMatch => ["app/static/if-match-weak"];
    /// Ignores If-Unmodified-Since.
    IgnoresIfUnmodifiedSince => ["app/static/if-unmodified-since-old"];
    /// Answers 412 to any If-Unmodified-Since.
    AnyIfUnmodifiedSinceFails => ["app/static/if-unmodified-since"];
    /// Looks at If-Unmodified-Since where there is If-Match, too.
    SinceBeforeMatch => ["app/static/match-before-unmodified"];
    /// Looks at If-None-Match before If-Match.
    NoneMatchBeforeMatch => ["app/static/match-before-none-match"];
    /// Ignores Range.
    IgnoresRange => [
        "app/static/range", "app/static/range-middle", "app/static/range-open",
        "app/static/range-suffix", "app/static/range-beyond-end", "app/static/range-long-suffix",
        "app/static/range-unsatisfiable", "app/static/range-validators", "app/static/if-range",
        "app/static/encoding-range",
    ];
    /// Does not know suffix ranges.
    NoSuffixRanges => [
        "app/static/range-suffix", "app/static/range-long-suffix", "app/static/range-unsatisfiable",
    ];
    /// Does not know open ranges.
    NoOpenRanges => ["app/static/range-open", "app/static/range-unsatisfiable"];
    /// Takes a last position beyond the end for an error.
    StrictRangeEnd => ["app/static/range-beyond-end"];
    /// Sends no Content-Range.
    NoContentRange => [
        "app/static/range", "app/static/range-middle", "app/static/range-open",
        "app/static/range-suffix", "app/static/range-beyond-end", "app/static/range-long-suffix",
        "app/static/range-unsatisfiable", "app/static/encoding-range",
    ];
    /// Answers 416 to a malformed Range.
    StrictRange => ["app/static/range-malformed"];
    /// Takes any unit for bytes.
    AnyRangeUnit => ["app/static/range-other-unit"];
    /// Answers the first of several ranges only.
    FirstOfRanges => ["app/static/range-several"];
    /// Answers HEAD with 206.
    RangesOnHead => ["app/static/range-head"];
    /// Sends 206 without ETag.
    PartsWithoutTag => ["app/static/range-validators"];
    /// Looks at Range before If-None-Match.
    RangeBeforeConditions => ["app/static/range-not-modified"];
    /// Ignores If-Range.
    IgnoresIfRange => ["app/static/if-range-other", "app/static/if-range-weak"];
    /// Ignores Range where there is If-Range.
    IfRangeNeverHolds => ["app/static/if-range"];
    /// Compares If-Range weakly.
    WeakIfRange => ["app/static/if-range-weak"];
    /// Ignores Accept-Encoding.
    IgnoresAcceptEncoding => [
        "app/static/brotli", "app/static/gzip", "app/static/brotli-before-gzip",
        "app/static/q-values", "app/static/q-zero", "app/static/accept-encoding-star",
        "app/static/coding-case", "app/static/etag-of-encoding", "app/static/encoding-head",
        "app/static/encoding-range",
    ];
    /// Sends brotli to everybody.
    AlwaysBrotli => [
        "app/static/media-types", "app/static/gzip", "app/static/q-values", "app/static/q-zero",
        "app/static/identity", "app/static/no-accept-encoding", "app/static/coding-case",
        "app/static/etag-of-encoding",
    ];
    /// Ignores q-values.
    IgnoresQuality => ["app/static/q-values", "app/static/q-zero", "app/static/identity"];
    /// Prefers gzip.
    PrefersGzip => ["app/static/brotli-before-gzip"];
    /// Looks for the names of codings anywhere in the field.
    FindsCodingsAnywhere => ["app/static/identity"];
    /// Does not know `*` in Accept-Encoding.
    NoStarCoding => ["app/static/accept-encoding-star"];
    /// Knows codings in lower case only.
    CaseSensitiveCodings => ["app/static/coding-case"];
    /// Says that a file is compressed when it is not.
    ClaimsEncoding => ["app/static/no-such-encoding"];
    /// Does not send Content-Encoding.
    NoContentEncoding => [
        "app/static/brotli", "app/static/gzip", "app/static/brotli-before-gzip",
        "app/static/q-values", "app/static/q-zero", "app/static/accept-encoding-star",
        "app/static/coding-case", "app/static/encoding-head", "app/static/encoding-range",
    ];
    /// Does not send Vary.
    NoVary => [
        "app/static/brotli", "app/static/gzip", "app/static/identity",
        "app/static/no-accept-encoding", "app/static/encoding-not-modified",
        "app/static/encoding-head",
    ];
    /// Sends Vary only with compressed content.
    VaryOnlyWhenEncoded => ["app/static/identity", "app/static/no-accept-encoding"];
    /// Gives all encodings of a file the same ETag.
    SharedTag => ["app/static/etag-of-encoding"];
    /// Applies ranges to the file before it is compressed.
    RangesOfIdentity => ["app/static/encoding-range"];
    /// Serves compressed files by name as what they are when decompressed.
    DecodesByName => ["app/static/compressed-by-name"];
}
