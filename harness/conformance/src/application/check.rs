//! Runs one check of the application contract.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use httpdyno_spec::endpoint::{Check, FollowUp, Repeat};
use httpdyno_spec::exchange::{Elapsed, RequestTemplate, ResponseRule};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::bindings::Bindings;
use super::client::{Client, Exchange};
use super::every::EveryResponse;
use super::outcome::{Tally, Trouble};
use super::render::{RenderedRequest, render_request};
use super::values::{case_rng, rows};
use crate::answer::Answer;
use crate::finding::Finding;
use crate::plan::Target;
use crate::protocol::Doorway;
use crate::rules::{BodyContext, check_response};

/// How long an exchange may take where the check says nothing about time.
const EXCHANGE_DEADLINE: Duration = Duration::from_secs(10);

/// What all checks of a run share.
#[derive(Clone)]
pub(crate) struct Setting {
    pub(crate) target: Arc<Target>,
    pub(crate) payloads: PathBuf,
    pub(crate) seed: u64,
    pub(crate) every: Arc<EveryResponse>,
    pub(crate) doorway: Arc<Doorway>,
}

/// One exchange to make: the request, and what its response must be.
struct Planned {
    row: Bindings,
    request: Arc<RenderedRequest>,
    expect: ResponseRule,
}

/// Looks at every response that is what it must be; can still find fault with it.
pub(crate) type OnAnswer<'a> = dyn FnMut(&Answer) -> Result<(), Trouble> + Send + 'a;

/// Runs the check. `position` is its place in the spec.
pub(crate) async fn run_check(check: &Check, position: usize, setting: &Setting) -> Finding {
    match make_exchanges(check, position, setting, &mut |_| Ok(())).await {
        Ok(tally) => tally.into_finding(),
        Err(finding) => finding,
    }
}

/// Makes all exchanges of the check, and shows each right response to `on_answer`. The error is what
/// the check found at the first that is not right.
pub(crate) async fn make_exchanges(
    check: &Check,
    position: usize,
    setting: &Setting,
    on_answer: &mut OnAnswer<'_>,
) -> Result<Tally, Finding> {
    let mut runner = Runner::new(check, position, setting);
    runner.on_answer = Some(on_answer);
    let mut tally = Tally::new();
    match runner.run(&mut tally).await {
        Ok(()) => Ok(tally),
        Err(trouble) => Err(tally.into_failure(trouble)),
    }
}

/// Whether the check passes as it stands, wherever its rows come from.
pub(crate) async fn passes(check: &Check, setting: &Setting) -> bool {
    run_check(check, 0, setting).await.held
}

struct Runner<'a, 'o> {
    check: &'a Check,
    position: usize,
    setting: &'a Setting,
    client: Client,
    rng: ChaCha8Rng,
    rows: Vec<Bindings>,
    deadline: Duration,
    on_answer: Option<&'a mut OnAnswer<'o>>,
}

impl<'a, 'o> Runner<'a, 'o> {
    fn new(check: &'a Check, position: usize, setting: &'a Setting) -> Self {
        let client = Client::new(&setting.target);
        let mut rng = case_rng(setting.seed, check.id.as_str());
        let rows = rows(&check.vars, &mut rng);
        let deadline = match &check.elapsed {
            Some(elapsed) => elapsed.at_most.0 + Duration::from_secs(1),
            None => EXCHANGE_DEADLINE,
        };
        Self { check, position, setting, client, rng, rows, deadline, on_answer: None }
    }

    async fn run(&mut self, tally: &mut Tally) -> Result<(), Trouble> {
        let check = self.check;
        match check.repeat {
            None => self.sequential(self.rows.len(), tally).await,
            Some(Repeat::Sequential(times)) => {
                self.sequential(self.rows.len() * times as usize, tally).await
            }
            Some(Repeat::Concurrent(times)) => self.concurrent(times as usize, tally).await,
            Some(Repeat::DateTicks(span)) => self.date_ticks(span.0, tally).await,
        }
    }

    async fn sequential(&mut self, times: usize, tally: &mut Tally) -> Result<(), Trouble> {
        for at in 0..times {
            let begin = Instant::now();
            let planned = self.plan_row(at)?;
            let exchange = self.make(&planned).await;
            self.judge(&planned, &exchange, tally)?;
            within(self.check.elapsed.as_ref(), begin, &exchange)?;
            if let Some(then) = &self.check.then {
                self.follow_up(then, &planned, &exchange, tally).await?;
            }
        }
        Ok(())
    }

    async fn concurrent(&mut self, times: usize, tally: &mut Tally) -> Result<(), Trouble> {
        let mut plans = (0..times).map(|at| self.plan_row(at)).collect::<Result<Vec<_>, _>>()?;
        let begin = Instant::now();
        let mut running = JoinSet::new();
        for planned in plans.drain(..) {
            let (client, deadline) = (self.client.clone(), self.deadline);
            running.spawn(async move {
                let exchange = client.exchange(Arc::clone(&planned.request), deadline).await;
                (planned, exchange)
            });
        }
        let mut held = Ok(());
        while let Some(done) = running.join_next().await {
            let Ok((planned, exchange)) = done else {
                return Err(Trouble::harness("an exchange of the check was aborted"));
            };
            self.setting.every.note(self.position, &exchange);
            // The rest is waited for after a failure too: what the server still works on would
            // disturb the next check, and the failure would be told of that one as well.
            if held.is_ok() {
                held = self
                    .judge(&planned, &exchange, tally)
                    .and_then(|()| within(self.check.elapsed.as_ref(), begin, &exchange));
            }
        }
        held
    }

    /// Two exchanges so far apart that the second's `Date` must be another (RFC 9110 section
    /// 6.6.1).
    async fn date_ticks(&mut self, span: Duration, tally: &mut Tally) -> Result<(), Trouble> {
        let mut dates = Vec::new();
        for at in 0..2 {
            if at > 0 {
                tokio::time::sleep(span).await;
            }
            let planned = self.plan_row(at)?;
            let exchange = self.make(&planned).await;
            self.judge(&planned, &exchange, tally)?;
            let date = exchange.answer.as_ref().ok().and_then(|answer| answer.field("date"));
            let Some(date) = date else {
                return Err(Trouble::of(&exchange, "no date", "there is no `date` to compare"));
            };
            if dates.contains(&date) {
                let date = String::from_utf8_lossy(&date).into_owned();
                let text = format!("`date` is still `{date}` {} ms later", span.as_millis());
                return Err(Trouble::of(&exchange, "date stands still", &text));
            }
            dates.push(date);
        }
        Ok(())
    }

    async fn follow_up(
        &mut self,
        then: &FollowUp,
        first: &Planned,
        exchange: &Exchange,
        tally: &mut Tally,
    ) -> Result<(), Trouble> {
        let mut row = first.row.clone();
        if let Ok(answer) = &exchange.answer {
            for (name, _) in &answer.fields {
                let value = answer.field(name).unwrap_or_default();
                row.set(name, Value::from(String::from_utf8_lossy(&value).into_owned()));
            }
        }
        let templates = then.request.headers.values().chain([&then.request.path]);
        if let Some(missing) = templates.filter_map(|text| row.unbound(text)).next() {
            let text =
                format!("the first response has no field `{missing}`, which the second needs");
            return Err(Trouble::of(exchange, &format!("no {missing}"), &text));
        }
        let planned = self.plan(&then.request, &then.expect, row)?;
        let exchange = self.make(&planned).await;
        self.judge(&planned, &exchange, tally)
    }

    fn plan_row(&mut self, at: usize) -> Result<Planned, Trouble> {
        let row = self.rows[at % self.rows.len()].clone();
        let check = self.check;
        self.plan(&check.request, &check.expect, row)
    }

    fn plan(
        &mut self,
        request: &RequestTemplate,
        expect: &ResponseRule,
        row: Bindings,
    ) -> Result<Planned, Trouble> {
        let request = render_request(request, &row, &self.setting.payloads, &mut self.rng)
            .map_err(|why| Trouble::harness(&why))?;
        let expect = row.fill_rule(expect);
        Ok(Planned { row, request: Arc::new(request), expect })
    }

    async fn make(&mut self, planned: &Planned) -> Exchange {
        let exchange = self.client.exchange(Arc::clone(&planned.request), self.deadline).await;
        self.setting.every.note(self.position, &exchange);
        exchange
    }

    fn judge(
        &mut self,
        planned: &Planned,
        exchange: &Exchange,
        tally: &mut Tally,
    ) -> Result<(), Trouble> {
        tally.note(exchange);
        let answer = match &exchange.answer {
            Ok(answer) => answer,
            Err(why) => return Err(Trouble::of(exchange, "no answer", why)),
        };
        let sent = exchange.request.body.as_deref().unwrap_or_default();
        let context = BodyContext { sent, payloads: &self.setting.payloads };
        check_response(&planned.expect, answer, &context)
            .map_err(|mismatch| Trouble::of(exchange, &mismatch.label, &mismatch.text))?;
        match &mut self.on_answer {
            Some(on_answer) => on_answer(answer),
            None => Ok(()),
        }
    }
}

fn within(bounds: Option<&Elapsed>, begin: Instant, exchange: &Exchange) -> Result<(), Trouble> {
    let Some(bounds) = bounds else {
        return Ok(());
    };
    if exchange.until_head < bounds.at_least.0 {
        let text = format!(
            "the response came after {:?}, before {}",
            exchange.until_head, bounds.at_least
        );
        return Err(Trouble::of(exchange, "too early", &text));
    }
    let total = exchange.ended_at - begin;
    if total > bounds.at_most.0 {
        let text =
            format!("the response was complete after {total:?}, later than {}", bounds.at_most);
        return Err(Trouble::of(exchange, "too late", &text));
    }
    Ok(())
}
