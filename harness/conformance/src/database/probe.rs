//! What the harness sees of the database behind the server. This crate only says what it asks for;
//! whoever owns the database answers.

use std::collections::BTreeMap;

/// Executions of one statement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Executions {
    /// How often it was executed.
    pub calls: u64,
    /// Rows returned or changed, over all executions.
    pub rows: u64,
}

/// The database behind the server under test. Only this server uses it meanwhile.
///
/// Errors are what failed, as text. Every method may block.
pub trait DatabaseProbe: Send {
    /// `DATABASE_POOL`, as the server was told it.
    fn pool(&self) -> u32;

    /// Why statements cannot be counted; none when they can.
    fn not_counting(&self) -> Option<String>;

    /// The statements that the server has executed until now, by text; constants may be replaced.
    ///
    /// # Errors
    /// When they cannot be read, or statements of the server do not end.
    fn statements(&mut self) -> Result<BTreeMap<String, Executions>, String>;

    /// The numbers in `world`, by id from 1.
    ///
    /// # Errors
    /// When they cannot be read.
    fn worlds(&mut self) -> Result<Vec<i32>, String>;

    /// Gives every row of `world` another number.
    ///
    /// # Errors
    /// When they cannot be changed.
    fn renumber_worlds(&mut self) -> Result<(), String>;

    /// Ids and messages of `fortune`.
    ///
    /// # Errors
    /// When they cannot be read.
    fn fortunes(&mut self) -> Result<Vec<(i32, String)>, String>;

    /// Gives a fortune another message.
    ///
    /// # Errors
    /// When it cannot be changed.
    fn rename_fortune(&mut self, id: i32, message: &str) -> Result<(), String>;

    /// Adds a fortune.
    ///
    /// # Errors
    /// When it cannot be added.
    fn insert_fortune(&mut self, message: &str) -> Result<(), String>;

    /// The connections that the server has at this moment.
    ///
    /// # Errors
    /// When they cannot be counted.
    fn connections(&mut self) -> Result<u64, String>;

    /// Puts the rows back as they were when the server started.
    ///
    /// # Errors
    /// When they cannot be put back.
    fn reset(&mut self) -> Result<(), String>;
}
