//! Cheats while the database fails, each with the faults that must bring them to light.

use crate::quirk::quirks;

quirks! {
    /// One deliberate violation of the contract's part about a database that cannot be used.
    FaultCheat;

    // What is answered meanwhile.

    /// Answers rows that it remembers while the database is away.
    RemembersRows => [
        "app/database-faults/killed", "app/database-faults/no-connections",
        "app/database-faults/locked", "app/database-faults/frozen",
    ];
    /// Answers fewer rows than asked for while the database is away.
    LeavesRowsOut => [
        "app/database-faults/absent", "app/database-faults/killed",
        "app/database-faults/no-connections", "app/database-faults/few-connections",
        "app/database-faults/locked", "app/database-faults/frozen",
    ];
    /// Answers 500 while the database is away.
    Answers500 => [
        "app/database-faults/absent", "app/database-faults/killed",
        "app/database-faults/no-connections", "app/database-faults/few-connections",
        "app/database-faults/locked", "app/database-faults/frozen",
    ];
    /// Answers 500 where the database has no connection to give.
    Answers500WhenFull => [
        "app/database-faults/no-connections", "app/database-faults/few-connections",
    ];
    /// Waits for the database as long as it takes.
    WaitsForever => ["app/database-faults/locked", "app/database-faults/frozen"];
    /// Refuses requests that need no database, too, once it is away.
    RefusesEverything => [
        "app/database-faults/killed", "app/database-faults/no-connections",
        "app/database-faults/locked", "app/database-faults/frozen",
    ];
    /// Gives an answer that comes too late to the next request, whatever that asks.
    AnswersTheNext => ["app/database-faults/locked", "app/database-faults/frozen"];

    // What is answered while statements are slow.

    /// Gives up statements that would still have come in time.
    GivesUpSoon => ["app/database-faults/slow"];
    /// Answers rows that it remembers where the database takes its time.
    RemembersLateRows => [
        "app/database-faults/locked", "app/database-faults/frozen", "app/database-faults/slow",
    ];
    /// Once statements were slow, answers stay so for half a minute.
    StaysSlow => ["app/database-faults/slow"];

    // What becomes of connections.

    /// Ends when the database is not there at the start.
    NeedsDatabaseToStart => ["app/database-faults/absent"];
    /// Needs a restart when connections are lost.
    NeedsRestart => [
        "app/database-faults/killed", "app/database-faults/no-connections",
        "app/database-faults/few-connections", "app/database-faults/locked",
        "app/database-faults/frozen",
    ];
    /// Opens two connections for each one that is lost.
    OpensTwoForOne => [
        "app/database-faults/killed", "app/database-faults/no-connections",
        "app/database-faults/few-connections", "app/database-faults/locked",
        "app/database-faults/frozen",
    ];
    /// Waits for the database before it ends.
    WaitsToEnd => ["app/database-faults/stops"];
}
