//! Statements on their way to the server, in the wire's form.

use std::error::Error as StdError;
use std::io;

use bytes::BytesMut;
use postgres_protocol::message::frontend::{self, BindError};
use postgres_protocol::types::{ArrayDimension, array_to_sql, int4_to_sql};
use postgres_protocol::{IsNull, Oid};

use super::error::Error;

/// The type `int4` in PostgreSQL's catalogue.
const INT4: Oid = 23;
/// Parameters and columns in binary form.
const BINARY: i16 = 1;

/// A statement that every connection prepares when it is opened.
#[derive(Debug)]
pub(crate) struct Statement {
    /// Its name in the session, unique among those prepared.
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
}

/// A parameter of a statement.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Value<'v> {
    /// `int4`.
    Int(i32),
    /// `int4[]`.
    Ints(&'v [i32]),
}

/// Executions of prepared statements that go out together, none waiting for the answer to
/// another. Each has a `Sync` of its own: it is a transaction, and fails, by itself.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(super) messages: BytesMut,
    /// How many executions there are: as many `ReadyForQuery` answer them.
    pub(super) executions: usize,
}

impl Batch {
    /// One execution.
    ///
    /// # Errors
    /// As [`Batch::push`].
    pub(crate) fn of(statement: &Statement, values: &[Value<'_>]) -> Result<Self, Error> {
        let mut batch = Self::default();
        batch.push(statement, values)?;
        Ok(batch)
    }

    /// Adds an execution.
    ///
    /// # Errors
    /// When the parameters are more or longer than the protocol can say; the batch is of no use
    /// then.
    pub(crate) fn push(
        &mut self,
        statement: &Statement,
        values: &[Value<'_>],
    ) -> Result<(), Error> {
        let buffer = &mut self.messages;
        let bound = frontend::bind(
            "",
            statement.name,
            [BINARY],
            values,
            |value, buffer| value.write(buffer),
            [BINARY],
            buffer,
        );
        bound.map_err(|error| match error {
            BindError::Conversion(error) => Error::Statement(error.to_string().into()),
            BindError::Serialization(error) => Error::Statement(error.to_string().into()),
        })?;
        frontend::execute("", 0, buffer)
            .map_err(|error| Error::Statement(error.to_string().into()))?;
        frontend::sync(buffer);
        self.executions += 1;
        Ok(())
    }
}

impl Value<'_> {
    fn write(&self, buffer: &mut BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match self {
            Self::Int(value) => int4_to_sql(*value, buffer),
            Self::Ints(values) => {
                let dimension =
                    ArrayDimension { len: i32::try_from(values.len())?, lower_bound: 1 };
                let element = |value: &i32, buffer: &mut BytesMut| {
                    int4_to_sql(*value, buffer);
                    Ok(IsNull::No)
                };
                array_to_sql([dimension], INT4, *values, element, buffer)?;
            }
        }
        Ok(IsNull::No)
    }
}

/// Asks the server to prepare all of `statements`; one `ReadyForQuery` answers.
pub(super) fn prepare(statements: &[Statement], buffer: &mut BytesMut) -> io::Result<()> {
    for statement in statements {
        // The server infers the types of the parameters.
        frontend::parse(statement.name, statement.text, [], buffer)?;
    }
    frontend::sync(buffer);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATEMENT: Statement = Statement { name: "s", text: "SELECT $1::int4" };

    #[test]
    fn every_execution_ends_with_a_sync_of_its_own() {
        let mut batch = Batch::of(&STATEMENT, &[Value::Int(258)]).unwrap();
        let one = batch.messages.clone();
        let expected: &[u8] =
            b"B\0\0\0\x19\0s\0\0\x01\0\x01\0\x01\0\0\0\x04\0\0\x01\x02\0\x01\0\x01\
                                E\0\0\0\x09\0\0\0\0\0S\0\0\0\x04";
        assert_eq!(&one[..], expected);
        batch.push(&STATEMENT, &[Value::Int(258)]).unwrap();
        assert_eq!((batch.executions, &batch.messages[one.len()..]), (2, &one[..]));
    }

    #[test]
    fn what_the_protocol_can_not_say_is_an_error() {
        let bad = Statement { name: "a\0b", text: "" };
        assert!(matches!(Batch::of(&bad, &[]), Err(Error::Statement(_))));
        let many = vec![Value::Int(1); 70_000];
        assert!(matches!(Batch::of(&STATEMENT, &many), Err(Error::Statement(_))));
    }
}
