//! Runs one check that looks at the rows of all its exchanges, and behind the server.

use std::time::{Duration, Instant};

use httpdyno_spec::database::DatabaseRule;
use httpdyno_spec::endpoint::Check;
use httpdyno_spec::exchange::BodyRule;
use tokio::task::block_in_place;

use super::judge::{self, Judgement, Table};
use super::probe::DatabaseProbe;
use super::statements::{Statements, between};
use super::uniform;
use crate::answer::Answer;
use crate::application::{Setting, Tally, Trouble, make_exchanges};
use crate::finding::Finding;
use crate::rules::{WorldRow, page_rows, world_rows};

/// How often connections are counted while requests are answered.
const COUNTING_INTERVAL: Duration = Duration::from_millis(2);
/// How long a server may go on opening connections after it is ready; only one with too few takes
/// so long.
const OPENING: Duration = Duration::from_secs(10);

/// Messages that a page must show as they are, wherever they must stand.
const MESSAGES: [&str; 5] = [
    "!<script>alert('first & \"last\"')</script>",
    "Tom &amp; Jerry < Fish > Chips 'quoted' \"twice\"",
    "\u{e9}\u{df}\u{3a9}\u{416}\u{4e2d}\u{3042}\u{639} in seven scripts",
    "~after all ASCII letters",
    "\u{ff5e} last of the page",
];

/// The database behind the server, and what has been in its table since the server started.
pub(crate) struct Inspector<'a> {
    probe: &'a mut dyn DatabaseProbe,
    tables: Vec<Table>,
}

/// What the exchanges of a check showed.
#[derive(Default)]
struct Seen {
    exchanges: usize,
    rows: Vec<WorldRow>,
    page: Vec<(u32, String)>,
}

impl Seen {
    /// The content fits the check's rule, so that it can be read.
    fn take(&mut self, body: &BodyRule, answer: &Answer) {
        self.exchanges += 1;
        match body {
            BodyRule::Fortunes => self.page = page_rows(&answer.body).unwrap_or_default(),
            _ => self.rows.extend(world_rows(&answer.body)),
        }
    }
}

/// A check whose answers alone tell.
pub(crate) async fn run_over_answers(check: &Check, position: usize, setting: &Setting) -> Finding {
    let mut seen = Seen::default();
    let mut take = |answer: &Answer| {
        seen.take(&check.expect.body, answer);
        Ok(())
    };
    let tally = match make_exchanges(check, position, setting, &mut take).await {
        Ok(tally) => tally,
        Err(finding) => return finding,
    };
    let numbers = |of: fn(&WorldRow) -> u16| seen.rows.iter().map(of).collect::<Vec<u16>>();
    let uniform = match check.database {
        Some(DatabaseRule::UniformIds) => uniform::check("ids", &numbers(|row| row.id)),
        _ => uniform::check("numbers", &numbers(|row| row.number)),
    };
    conclude(tally, uniform.map_err(|why| ("not uniform", why)))
}

fn conclude(tally: Tally, judgement: Judgement) -> Finding {
    match judgement {
        Ok(()) => tally.into_finding(),
        Err((label, why)) => tally.into_failure(Trouble::over_all(label, &why)),
    }
}

impl<'a> Inspector<'a> {
    /// Takes note of the table as it is now.
    pub(crate) fn new(probe: &'a mut dyn DatabaseProbe) -> Self {
        let mut inspector = Self { probe, tables: Vec::new() };
        // A table that cannot be read now cannot be read by a check, which then says so.
        let _ = inspector.table();
        inspector
    }

    /// Why a check cannot be made with this database.
    pub(crate) fn cannot(&self, rule: DatabaseRule) -> Option<String> {
        use DatabaseRule::{FromMemoryAfter, PageReadAtOnce, ReadOneByOne, UnsortedRead};
        match rule {
            ReadOneByOne | FromMemoryAfter(_) | PageReadAtOnce | UnsortedRead => {
                self.probe.not_counting()
            }
            _ => None,
        }
    }

    /// Runs the check; what cannot be asked of the database is a failure that says so.
    pub(crate) async fn run(
        &mut self,
        check: &Check,
        rule: DatabaseRule,
        position: usize,
        setting: &Setting,
    ) -> Finding {
        let result = match rule {
            DatabaseRule::WithinPool => self.pool(check, position, setting).await,
            _ => self.rows(check, rule, position, setting).await,
        };
        result.unwrap_or_else(Tally::unusable)
    }

    async fn rows(
        &mut self,
        check: &Check,
        rule: DatabaseRule,
        position: usize,
        setting: &Setting,
    ) -> Result<Finding, String> {
        self.prepare(rule)?;
        let before_table = self.table()?;
        let mut before = self.statements(rule)?;
        let mut seen = Seen::default();
        let mut take = |answer: &Answer| {
            seen.take(&check.expect.body, answer);
            if let DatabaseRule::FromMemoryAfter(warm_up) = rule
                && seen.exchanges == warm_up as usize
            {
                seen.rows.clear();
                before = self.statements(rule).map_err(|why| Trouble::harness(&why))?;
            }
            Ok(())
        };
        let exchanged = make_exchanges(check, position, setting, &mut take).await;
        let executed = between(&before, &self.statements(rule)?);
        let tally = match exchanged {
            Ok(tally) => tally,
            Err(finding) => return self.put_back(rule).map(|()| finding),
        };
        let judgement = self.judge(rule, &seen, &before_table, &executed)?;
        self.put_back(rule)?;
        Ok(conclude(tally, judgement))
    }

    fn judge(
        &mut self,
        rule: DatabaseRule,
        seen: &Seen,
        before: &Table,
        executed: &Statements,
    ) -> Result<Judgement, String> {
        let table = self.table()?;
        let rows = &seen.rows;
        Ok(match rule {
            DatabaseRule::Stored => judge::stored(rows, &[table], "not the table's rows"),
            DatabaseRule::StoredOnce => judge::stored(rows, &self.tables, "not the table's rows"),
            DatabaseRule::Fresh => judge::stored(rows, &[table], "rows from before"),
            DatabaseRule::Written => judge::written(rows, before, &table),
            DatabaseRule::Renumbered => judge::renumbered(rows, before),
            DatabaseRule::ReadOneByOne => judge::read_one_by_one(executed, rows.len()),
            DatabaseRule::FromMemoryAfter(_) => judge::from_memory(executed, rows.len()),
            DatabaseRule::Page | DatabaseRule::ChangedPage => {
                judge::page(&seen.page, &block_in_place(|| self.probe.fortunes())?)
            }
            DatabaseRule::PageReadAtOnce => {
                let table = block_in_place(|| self.probe.fortunes())?.len();
                judge::page_read_at_once(executed, seen.exchanges, table)
            }
            DatabaseRule::UnsortedRead => judge::unsorted(executed),
            DatabaseRule::UniformIds | DatabaseRule::UniformNumbers | DatabaseRule::WithinPool => {
                Ok(())
            }
        })
    }

    /// Counts connections while the exchanges go on.
    async fn pool(
        &mut self,
        check: &Check,
        position: usize,
        setting: &Setting,
    ) -> Result<Finding, String> {
        let mut most = self.opened().await?;
        let mut take = |_: &Answer| Ok(());
        let exchanged = {
            let exchanges = make_exchanges(check, position, setting, &mut take);
            tokio::pin!(exchanges);
            loop {
                tokio::select! {
                    biased;
                    exchanged = &mut exchanges => break exchanged,
                    () = tokio::time::sleep(COUNTING_INTERVAL) => {}
                }
                most = most.max(block_in_place(|| self.probe.connections())?);
            }
        };
        most = most.max(block_in_place(|| self.probe.connections())?);
        Ok(match exchanged {
            Ok(tally) => conclude(tally, judge::within_pool(most, self.probe.pool())),
            Err(finding) => finding,
        })
    }

    /// The connections of the server, as soon as it has opened them all, else when it should have.
    async fn opened(&mut self) -> Result<u64, String> {
        let since = Instant::now();
        loop {
            let open = block_in_place(|| self.probe.connections())?;
            if open >= self.probe.pool().into() || since.elapsed() >= OPENING {
                return Ok(open);
            }
            tokio::time::sleep(COUNTING_INTERVAL).await;
        }
    }

    fn prepare(&mut self, rule: DatabaseRule) -> Result<(), String> {
        self.table()?;
        let probe = &mut *self.probe;
        match rule {
            DatabaseRule::Fresh => block_in_place(|| probe.renumber_worlds()),
            DatabaseRule::ChangedPage => block_in_place(|| {
                let ids: Vec<i32> = probe.fortunes()?.iter().map(|(id, _)| *id).collect();
                for (at, message) in MESSAGES.iter().enumerate() {
                    match ids.get(at).filter(|_| at % 2 == 0) {
                        Some(&id) => probe.rename_fortune(id, message)?,
                        None => probe.insert_fortune(message)?,
                    }
                }
                Ok(())
            }),
            _ => Ok(()),
        }
    }

    /// The fortunes are those of the start again; `world` may be any, as its tables are kept.
    fn put_back(&mut self, rule: DatabaseRule) -> Result<(), String> {
        match rule {
            DatabaseRule::ChangedPage => block_in_place(|| self.probe.reset()),
            _ => Ok(()),
        }
    }

    /// The table as it is, which is kept.
    fn table(&mut self) -> Result<Table, String> {
        let table = block_in_place(|| self.probe.worlds())?;
        if self.tables.last() != Some(&table) {
            self.tables.push(table.clone());
        }
        Ok(table)
    }

    fn statements(&mut self, rule: DatabaseRule) -> Result<Statements, String> {
        use DatabaseRule::{FromMemoryAfter, PageReadAtOnce, ReadOneByOne, UnsortedRead};
        match rule {
            ReadOneByOne | FromMemoryAfter(_) | PageReadAtOnce | UnsortedRead => {
                block_in_place(|| self.probe.statements())
            }
            _ => Ok(Statements::new()),
        }
    }
}
