//! Violations in finding where content and messages end, each with the cases that must notice it.

use crate::quirk::quirks;

quirks! {
    /// One deliberate violation in reading numbers, line ends, trailers and codings.
    FramingQuirk;

    // Numbers (RFC 9112 sections 6.3 and 7.1).

    /// Ignores a plus sign before a chunk size.
    SizeMayHavePlus => ["h1/chunk-size/of-get", "h1/chunk-size/plus", "h1/chunk-size/plus-later"];
    /// Ignores a minus sign before a chunk size.
    SizeMayHaveMinus => ["h1/chunk-size/minus-zero", "h1/chunked/size-negative"];
    /// Ignores underscores in chunk sizes and lengths.
    NumbersMayHaveUnderscores => ["h1/chunk-size/underscore", "h1/length-numbers/underscore"];
    /// Ignores what follows a space in a chunk size.
    SizeEndsAtSpace => ["h1/chunk-size/space-inside"];
    /// Ignores spaces before a chunk size.
    SizeMayBeginWithSpace => ["h1/chunk-size/space-before"];
    /// Ignores form feeds and vertical tabs around a chunk size.
    SizeMayHaveControls => ["h1/chunk-size/form-feed-before", "h1/chunk-size/vertical-tab-behind"];
    /// Takes the digits of Arabic for digits, in chunk sizes and lengths.
    ReadsOtherDigits => ["h1/chunk-size/other-digits", "h1/length-numbers/other-digits"];
    /// Ignores what follows a full stop or a comma in a chunk size.
    SizeMayBeDecimal => ["h1/chunk-size/comma", "h1/chunk-size/fraction"];
    /// Takes every chunk size that begins with 0 for that of the last chunk.
    ZeroBeginsLastChunk => [
        "h1/chunk-size/last-not-hexadecimal", "h1/chunked/zeros-in-front",
    ];
    /// Computes chunk sizes modulo 2^32.
    SizeModulo32 => ["h1/chunk-size/two-to-32", "h1/chunk-size/two-to-63"];
    /// Takes a chunk size that is negative as a signed number for that of the last chunk.
    NegativeSizeIsLast => ["h1/chunk-size/two-to-64-less-one"];
    /// Computes `Content-Length` modulo 2^32.
    LengthModulo32 => ["h1/length-numbers/two-to-32", "h1/length-numbers/two-to-63"];
    /// Ignores a `Content-Length` that is negative as a signed number.
    NegativeLengthIsNone => [
        "h1/length-numbers/two-to-63", "h1/length-numbers/two-to-64-less-one",
    ];
    /// Ignores a plus sign before the size of every chunk but the first.
    LaterSizeMayHavePlus => ["h1/chunk-size/plus-later"];
    /// Ignores `0x` before the size of every chunk but the first.
    LaterSizeMayHavePrefix => ["h1/chunk-size/prefix-later"];
    /// Ignores what follows a NUL in a chunk size.
    SizeEndsAtNul => ["h1/chunk-size/nul-behind"];
    /// Ignores an `L` behind chunk sizes and lengths.
    NumbersMayBeLong => ["h1/chunk-size/letter-behind", "h1/length-numbers/letter-behind"];
    /// Takes quotes from around a chunk size.
    UnquotesSize => ["h1/chunk-size/quoted"];
    /// Drops NULs from field values.
    DropsNul => ["h1/length-numbers/nul-inside"];
    /// Ignores tabs between the digits of a length.
    LengthMayHaveTabs => ["h1/length-numbers/tab-inside"];
    /// Reads a length that starts with `0o` as an octal number.
    OctalPrefixOfLength => ["h1/length-numbers/octal-prefix"];
    /// Takes quotes from around a length.
    UnquotesLength => ["h1/length-numbers/quoted"];
    /// Takes the first of several lengths that differ.
    FirstLengthWins => [
        "h1/after-the-end/bad-length-is-request", "h1/content-length/differing-lines",
        "h1/content-length/differing-list", "h1/length-numbers/line-and-list",
        "h1/length-numbers/list-middle-differs", "h1/length-numbers/of-get-differing",
        "h1/length-numbers/three-lines",
    ];
    /// Compares only the first and the last of several lengths.
    ComparesOuterLengths => ["h1/length-numbers/list-middle-differs"];
    /// Ignores lengths that are invalid where there is a valid one.
    SkipsInvalidLengths => [
        "h1/length-numbers/invalid-member", "h1/length-numbers/invalid-second-line",
    ];
    /// Ignores a `Content-Length` that has an empty member.
    EmptyMemberIsNoLength => [
        "h1/length-numbers/empty-line-behind", "h1/length-numbers/empty-member",
    ];

    // Line ends (RFC 9112 sections 2.2 and 7.1).

    /// Takes a CR and any byte for the end of a line of a head or of trailers.
    LineEndsAtCr => [
        "h1/line-ends/cr-before-host", "h1/line-ends/cr-ends-head",
        "h1/line-ends/cr-in-field-line", "h1/line-ends/cr-in-length",
        "h1/line-ends/cr-in-request-line", "h1/trailers/bare-cr-at-the-end",
    ];
    /// Takes a CR and any byte for the end of a chunk-size line.
    SizeLineEndsAtCr => ["h1/chunk-lines/cr-after-last-size", "h1/chunk-lines/cr-after-size"];
    /// Takes a CR and any byte for the end of the data of a chunk.
    DataEndsAtCr => ["h1/chunk-lines/cr-after-data"];
    /// Takes LF alone for the end of the data of a chunk.
    BareLfEndsData => ["h1/chunk-lines/lf-after-data", "h1/chunk-lines/of-get"];
    /// Takes any byte and a LF for the end of the data of a chunk.
    DataEndsAtLf => ["h1/chunk-lines/byte-and-lf-after-data"];
    /// Takes a LF and a CR for the end of the data of a chunk.
    DataEndsInLfCr => ["h1/chunk-lines/lf-cr-after-data"];
    /// Needs nothing at the end of the data of a chunk.
    NothingEndsData => ["h1/chunk-lines/nothing-after-data"];
    /// Takes LF alone for the end of a line of trailers, and of the empty one behind them.
    BareLfEndsTrailers => ["h1/chunk-lines/lf-at-the-end", "h1/trailers/bare-lf"];
    /// Looks for the end of a chunk-size line beyond a LF.
    ReadsPastLfInExtension => [
        "h1/chunk-lines/lf-ends-extension", "h1/chunk-lines/lf-in-extension",
        "h1/chunk-lines/lf-in-last-extension", "h1/chunk-lines/lf-in-quotes",
    ];
    /// Takes a CR for a part of a chunk extension.
    ReadsPastCrInExtension => ["h1/chunk-lines/cr-in-extension"];
    /// Takes a NUL for a part of a chunk extension.
    ReadsPastNulInExtension => ["h1/chunk-lines/nul-in-extension"];

    // Trailers (RFC 9112 section 7.1.2).

    /// Skips trailers unread.
    SkipsTrailers => [
        "h1/trailers/control-character", "h1/trailers/name-empty", "h1/trailers/name-not-a-token",
        "h1/trailers/no-colon", "h1/trailers/space-before-colon",
    ];
    /// Takes the last chunk for the end of the content, and trailers for a request.
    LastChunkIsTheEnd => [
        "h1/chunk-lines/lf-at-the-end", "h1/chunked/trailers",
        "h1/trailers/bare-cr-at-the-end", "h1/trailers/bare-lf", "h1/trailers/content-length",
        "h1/trailers/control-character", "h1/trailers/name-empty", "h1/trailers/name-not-a-token",
        "h1/trailers/no-colon", "h1/trailers/no-empty-line", "h1/trailers/space-before-colon",
        "h1/trailers/transfer-encoding",
    ];
    /// Adds framing fields among the trailers to the head of the next request.
    TrailersFrameNextRequest => ["h1/trailers/content-length", "h1/trailers/transfer-encoding"];
    /// Needs no `Host` where content is chunked.
    ChunksNeedNoHost => ["h1/trailers/host"];

    // Codings (RFC 9112 sections 6.1 and 7).

    /// Takes any coding whose name begins with `chunked` for it.
    CodingByPrefix => [
        "h1/codings/equals-sign", "h1/codings/next-line-behind",
        "h1/codings/no-break-space-behind", "h1/codings/obs-text-behind", "h1/codings/parameter",
        "h1/codings/prefix", "h1/codings/semicolon", "h1/codings/space-inside",
    ];
    /// Ignores the parameters of codings.
    IgnoresCodingParameters => ["h1/codings/parameter", "h1/codings/semicolon"];
    /// Takes single quotes from around the names of codings.
    UnquotesCodings => ["h1/codings/single-quotes"];
    /// Ignores what follows an equals sign in the name of a coding.
    CodingEndsAtEquals => ["h1/codings/equals-sign"];
    /// Takes a next line of Latin-1 around a value for white space.
    TrimsNextLine => ["h1/codings/next-line-behind"];
    /// Takes chunked for once, however often it is named.
    CountsChunkedOnce => ["h1/codings/twice", "h1/codings/twice-in-two-lines"];
    /// Where there are several lines, looks at the first, and ignores it if it is not chunked.
    FirstCodingLineDecides => [
        "h1/codings/chunked-then-unknown", "h1/codings/identity-then-chunked", "h1/codings/twice",
        "h1/codings/twice-in-two-lines", "h1/codings/unknown-then-chunked",
        "h1/transfer-encoding/chunked-not-last", "h1/transfer-encoding/two-lines",
        "h1/transfer-encoding/unknown-before-chunked",
    ];
    /// Ignores a `Transfer-Encoding` without any coding.
    EmptyCodingIsNone => ["h1/codings/comma-with-length", "h1/codings/empty-with-length"];
    /// Ignores a `Transfer-Encoding` with an empty member beside others.
    EmptyMemberIsNoCoding => [
        "h1/codings/comma-before", "h1/codings/comma-behind", "h1/codings/commas-around",
    ];
    /// Takes a no-break space of Latin-1 around a value for white space.
    TrimsNoBreakSpace => [
        "h1/codings/no-break-space-before", "h1/codings/no-break-space-behind",
        "h1/length-numbers/no-break-space-behind",
    ];
    /// Drops bytes above 127 from field values.
    DropsObsText => [
        "h1/codings/next-line-behind", "h1/codings/no-break-space-before",
        "h1/codings/no-break-space-behind", "h1/codings/obs-text-behind",
        "h1/length-numbers/no-break-space-behind",
    ];
    /// Ignores field lines that hold a NUL.
    LosesFieldsWithNul => [
        "h1/codings/nul-behind", "h1/length-numbers/nul-behind", "h1/length-numbers/nul-inside",
    ];
    /// Ignores fields that come in folded lines.
    LosesFoldedFields => [
        "h1/codings/folded", "h1/codings/folded-list", "h1/codings/folded-with-length",
        "h1/length-numbers/folded",
    ];
    /// Takes `_` for `-` in the names of framing fields.
    UnderscoreIsHyphen => [
        "h1/framing-names/content-length", "h1/framing-names/of-get",
        "h1/framing-names/transfer-encoding",
    ];
    /// Takes `_` for `-` in the names of framing fields, and such a field for the one that counts.
    UnderscoreOverrides => [
        "h1/framing-names/content-length", "h1/framing-names/content-length-beside",
        "h1/framing-names/of-get", "h1/framing-names/transfer-encoding",
        "h1/framing-names/transfer-encoding-beside",
    ];
}
