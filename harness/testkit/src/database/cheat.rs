//! Cheats with the database, each with the checks that must notice it.

use crate::quirk::quirks;

quirks! {
    /// One deliberate violation of the contract's part about the database.
    DatabaseCheat;

    // Rows.

    /// Answers `/db` and `/queries` with rows that it makes up.
    MakesRowsUp => [
        "app/db/stored", "app/db/fresh", "app/db/read-each-time", "app/queries/stored",
        "app/queries/fresh", "app/queries/read-one-by-one",
    ];
    /// Answers `/db` from memory.
    RemembersDb => ["app/db/fresh", "app/db/read-each-time"];
    /// Answers `/queries` from memory.
    RemembersQueries => ["app/queries/fresh", "app/queries/read-one-by-one"];
    /// Reads all rows of a request with one IN.
    ReadsWithIn => ["app/queries/read-one-by-one", "app/updates/read-one-by-one"];
    /// Reads all rows of a request with one ANY.
    ReadsWithAny => ["app/queries/read-one-by-one", "app/updates/read-one-by-one"];
    /// Draws ids from 1 to 1000 only.
    SmallRange => [
        "app/db/uniform-ids", "app/queries/uniform-ids", "app/updates/uniform-ids",
        "app/cached-queries/uniform-ids",
    ];
    /// Takes ids by turns, far apart.
    CountsIds => [
        "app/db/uniform-ids", "app/queries/uniform-ids", "app/updates/uniform-ids",
        "app/cached-queries/uniform-ids",
    ];
    /// Sends rows as text/plain.
    RowsAsText => [
        "app/db/answer", "app/db/head", "app/queries/answer", "app/updates/answer",
        "app/cached-queries/answer",
    ];
    /// Refuses HEAD.
    RefusesHeadOfRows => ["app/db/head", "app/fortunes/head"];
    /// Answers POST as if it were GET.
    PostReadsRows => ["app/db/post", "app/fortunes/post"];
    /// Opens twice as many connections as it may.
    TwiceThePool => ["app/queries/pool"];
    /// Opens half the connections.
    HalfThePool => ["app/queries/pool"];

    // The number of rows.

    /// Answers one row as an object.
    ObjectForOne => [
        "app/queries/one", "app/queries/missing", "app/queries/low", "app/updates/one",
        "app/updates/missing", "app/updates/low", "app/cached-queries/one",
        "app/cached-queries/missing", "app/cached-queries/low",
    ];
    /// Takes 10 for the number of rows where there is none.
    OtherDefaultCount => [
        "app/queries/missing", "app/updates/missing", "app/cached-queries/missing",
    ];
    /// Answers no row where less than one is asked for.
    NoLowestCount => ["app/queries/low", "app/updates/low", "app/cached-queries/low"];
    /// Answers more than 500 rows where they are asked for.
    NoHighestCount => [
        "app/queries/high", "app/queries/huge", "app/updates/high", "app/updates/huge",
        "app/cached-queries/high", "app/cached-queries/huge",
    ];
    /// Takes a number that does not fit 32 bits for none.
    Count32Bit => ["app/queries/huge", "app/updates/huge", "app/cached-queries/huge"];
    /// Lets the last of repeated numbers count.
    LastCountWins => [
        "app/queries/repeated", "app/updates/repeated", "app/cached-queries/repeated",
    ];

    // /updates and /cached-queries

    /// Answers new numbers and never writes them.
    NeverWrites => ["app/updates/written"];
    /// Writes new numbers and answers the old ones.
    AnswersOldNumbers => ["app/updates/written", "app/updates/renumbered"];
    /// Neither makes nor writes new numbers.
    ChangesNothing => ["app/updates/renumbered"];
    /// Writes the row after each, too.
    WritesOtherRows => ["app/updates/written"];
    /// Draws new numbers from 1 to 1000 only.
    SmallNumbers => ["app/updates/uniform-numbers"];
    /// Locks rows in any order, and gives up at a deadlock.
    Deadlocks => ["app/updates/concurrent"];
    /// Reads the database for every cached row.
    CachesNothing => ["app/cached-queries/from-memory"];
    /// Makes the rows of its cache up.
    MakesCacheUp => ["app/cached-queries/stored"];

    // /fortunes

    /// Leaves the rows in the order of the table.
    UnsortedPage => [
        "app/fortunes/answer", "app/fortunes/stored", "app/fortunes/changed",
        "app/fortunes/read-at-once", "app/fortunes/sorted-by-the-server",
    ];
    /// Lets the database sort.
    DatabaseSorts => ["app/fortunes/sorted-by-the-server"];
    /// Writes messages as they are.
    UnescapedPage => [
        "app/fortunes/answer", "app/fortunes/stored", "app/fortunes/changed",
        "app/fortunes/read-at-once", "app/fortunes/sorted-by-the-server",
    ];
    /// Escapes `<` and `>` only.
    HalfEscapedPage => ["app/fortunes/changed"];
    /// Replaces every character beyond ASCII.
    AsciiOnlyPage => ["app/fortunes/stored", "app/fortunes/changed"];
    /// Leaves out the row that is added.
    TwelveRows => [
        "app/fortunes/answer", "app/fortunes/stored", "app/fortunes/changed",
        "app/fortunes/read-at-once", "app/fortunes/sorted-by-the-server",
    ];
    /// Reads the table once, at the start.
    RemembersPage => [
        "app/fortunes/changed", "app/fortunes/read-at-once", "app/fortunes/sorted-by-the-server",
    ];
    /// Sends the page as text/plain.
    PageAsText => ["app/fortunes/answer", "app/fortunes/head"];
}

impl DatabaseCheat {
    /// The ids of checks that it may fail too, as chance has it.
    #[must_use]
    pub fn may_break(self) -> &'static [&'static str] {
        match self {
            // What it remembers is wrong for this check as well once another one has changed a row
            // that is drawn again.
            Self::RemembersDb => &["app/db/stored"],
            Self::RemembersQueries => &["app/queries/stored"],
            // Every check that sends updates at the same time can meet a deadlock.
            Self::Deadlocks => &["app/updates/uniform-ids", "app/updates/uniform-numbers"],
            _ => &[],
        }
    }
}
