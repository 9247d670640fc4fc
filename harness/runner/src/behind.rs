//! What conformance checks see behind the server: the database that the harness owns.

use std::collections::BTreeMap;

use httpdyno_conformance::{DatabaseProbe, Executions};
use httpdyno_target::Database;
use httpdyno_target::database::DatabaseError;

/// The database as checks see it. Only the server under test uses it meanwhile.
pub(crate) struct Behind<'a> {
    pub(crate) database: &'a mut Database,
    /// Connections that the server may have.
    pub(crate) pool: u32,
}

fn told<T>(result: Result<T, DatabaseError>) -> Result<T, String> {
    result.map_err(|error| error.to_string())
}

impl DatabaseProbe for Behind<'_> {
    fn pool(&self) -> u32 {
        self.pool
    }

    fn not_counting(&self) -> Option<String> {
        let counting = self.database.facts().pg_stat_statements;
        (!counting).then(|| DatabaseError::NotCounting.to_string())
    }

    fn statements(&mut self) -> Result<BTreeMap<String, Executions>, String> {
        let counts = told(self.database.statement_counts())?;
        let one = |(text, count): (String, httpdyno_target::database::StatementCount)| {
            (text, Executions { calls: count.calls, rows: count.rows })
        };
        Ok(counts.statements.into_iter().map(one).collect())
    }

    fn worlds(&mut self) -> Result<Vec<i32>, String> {
        let worlds = told(self.database.worlds())?;
        Ok(worlds.iter().map(|world| world.random_number).collect())
    }

    fn renumber_worlds(&mut self) -> Result<(), String> {
        told(self.database.renumber_worlds())
    }

    fn fortunes(&mut self) -> Result<Vec<(i32, String)>, String> {
        let fortunes = told(self.database.fortunes())?;
        Ok(fortunes.into_iter().map(|fortune| (fortune.id, fortune.message)).collect())
    }

    fn rename_fortune(&mut self, id: i32, message: &str) -> Result<(), String> {
        told(self.database.rename_fortune(id, message))
    }

    fn insert_fortune(&mut self, message: &str) -> Result<(), String> {
        told(self.database.insert_fortune(message)).map(|_| ())
    }

    fn connections(&mut self) -> Result<u64, String> {
        told(self.database.server_connections())
    }

    fn reset(&mut self) -> Result<(), String> {
        told(self.database.reset())
    }
}
