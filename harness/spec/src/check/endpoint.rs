//! Rules for `spec/endpoints.yaml`.

use std::collections::BTreeSet;

use super::variables::{Purpose, Variables};
use super::{At, Check, exchange, in_range, not_blank, not_empty, positive, version};
use crate::database::DatabaseRule;
use crate::endpoint::{
    Check as ContractCheck, Endpoint, EndpointsFile, Invariant, InvariantRule, Need, Repeat,
};
use crate::exchange::BodyRule;

impl Check for EndpointsFile {
    fn check(&self, at: At<'_>) {
        version(at.field("version"), self.version);
        not_empty(at.field("endpoints"), "the list of endpoints", &self.endpoints);
        for (index, rule) in self.every_response.iter().enumerate() {
            invariant(at.field("every_response").item(index), rule);
        }
        let mut seen = BTreeSet::new();
        for (index, endpoint) in self.endpoints.iter().enumerate() {
            let at = at.field("endpoints").item(index);
            if !seen.insert(&endpoint.id) {
                at.field("id").say(format!("endpoint `{}` is defined twice", endpoint.id));
            }
            one(at, endpoint);
        }
    }
}

fn invariant(at: At<'_>, rule: &Invariant) {
    let prefix = "app/every-response/";
    if !rule.id.as_str().starts_with(prefix) {
        at.field("id").say(format!(
            "rule `{}` stands under `every_response`; its id must begin with `{prefix}`",
            rule.id
        ));
    }
    not_blank(at.field("title"), "the title", &rule.title);
    not_blank(at.field("requires"), "what is required", &rule.requires);
    if let InvariantRule::Fields(fields) = &rule.holds {
        exchange::fields(at.field("holds").field("fields"), fields.iter());
    }
}

fn one(at: At<'_>, endpoint: &Endpoint) {
    not_blank(at.field("summary"), "the summary", &endpoint.summary);
    if !endpoint.path.starts_with('/') {
        at.field("path").say(format!("path `{}` does not begin with `/`", endpoint.path));
    }
    for (index, check) in endpoint.checks.iter().enumerate() {
        let at = at.field("checks").item(index);
        let prefix = format!("app/{}/", endpoint.id);
        if !check.id.as_str().starts_with(&prefix) {
            at.field("id").say(format!(
                "check `{}` stands under endpoint `{}`; its id must begin with `{prefix}`",
                check.id, endpoint.id
            ));
        }
        contract_check(at, check);
        if check.database.is_some() && !endpoint.needs.contains(&Need::Database) {
            at.field("database").say(format!(
                "check `{}` asks for rows, but endpoint `{}` needs no database; add \
                 `needs: [database]`",
                check.id, endpoint.id
            ));
        }
    }
}

fn contract_check(at: At<'_>, check: &ContractCheck) {
    not_blank(at.field("title"), "the title", &check.title);
    not_blank(at.field("requires"), "what is required", &check.requires);
    let mut variables = Variables::declared(at.field("vars"), &check.vars, Purpose::Check);
    exchange::request(at.field("request"), &check.request);
    exchange::response(at.field("expect"), &check.expect, &check.request, &check.vars);
    variables.in_request(at.field("request"), &check.request);
    variables.in_response(at.field("expect"), &check.expect);
    if let Some(then) = &check.then {
        let at = at.field("then");
        exchange::request(at.field("request"), &then.request);
        exchange::response(at.field("expect"), &then.expect, &then.request, &check.vars);
        variables.allow_fields();
        variables.in_request(at.field("request"), &then.request);
        variables.in_response(at.field("expect"), &then.expect);
    }
    variables.all_used(at.field("vars"));
    repeat(at.field("repeat"), check.repeat.as_ref());
    if let Some(rule) = check.database {
        database(at.field("database"), rule, check);
    }
    if let Some(elapsed) = &check.elapsed
        && elapsed.at_least > elapsed.at_most
    {
        at.field("elapsed").say(format!(
            "at_least {} is longer than at_most {}",
            elapsed.at_least, elapsed.at_most
        ));
    }
}

fn repeat(at: At<'_>, repeat: Option<&Repeat>) {
    match repeat {
        Some(Repeat::Sequential(times)) => {
            in_range(at.field("sequential"), "the number of times", (*times).into(), 1..=100_000);
        }
        Some(Repeat::Concurrent(times)) => {
            in_range(at.field("concurrent"), "the number of times", (*times).into(), 1..=10_000);
        }
        Some(Repeat::DateTicks(span)) => positive(at.field("date-ticks"), "the time", *span),
        None => {}
    }
}

/// A rule about rows needs responses that have them, and exchanges to look at.
fn database(at: At<'_>, rule: DatabaseRule, check: &ContractCheck) {
    use DatabaseRule::{
        ChangedPage, FromMemoryAfter, Page, PageReadAtOnce, UnsortedRead, WithinPool,
    };
    let body = &check.expect.body;
    let fits = match rule {
        Page | ChangedPage | PageReadAtOnce | UnsortedRead => *body == BodyRule::Fortunes,
        WithinPool => true,
        _ => matches!(body, BodyRule::World | BodyRule::Worlds(_)),
    };
    if !fits {
        at.say("the rule asks for rows that `expect.body` does not ask for".to_owned());
    }
    if let FromMemoryAfter(warm_up) = rule {
        match check.repeat {
            Some(Repeat::Sequential(times)) if times > warm_up => {}
            _ => at.field("from-memory-after").say(format!(
                "after {warm_up} exchanges there is none left; expected `repeat: {{ sequential: N }}` \
                 with N above {warm_up}"
            )),
        }
    }
}
