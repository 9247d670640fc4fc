//! Verdicts by their cause: what many cases show in the same way is told once.

use httpdyno_record::{CaseRecord, CaseStatus};

/// Cases of one status that were met with the same.
pub(crate) struct Group<'a> {
    pub(crate) status: CaseStatus,
    /// What was seen; the same for all.
    pub(crate) observed: &'a str,
    /// In the order of the spec; at least one.
    pub(crate) cases: Vec<&'a CaseRecord>,
}

/// The cases in groups, in order of appearance.
pub(crate) fn groups<'a>(cases: &[&'a CaseRecord]) -> Vec<Group<'a>> {
    let mut groups: Vec<(Group<'a>, String)> = Vec::new();
    for case in cases {
        let cause = cause(case);
        let same = |(group, of): &&mut (Group<'a>, String)| {
            group.status == case.status && group.observed == case.observed && *of == cause
        };
        match groups.iter_mut().find(same) {
            Some((group, _)) => group.cases.push(case),
            None => {
                let (status, observed) = (case.status, case.observed.as_str());
                groups.push((Group { status, observed, cases: vec![case] }, cause));
            }
        }
    }
    groups.into_iter().map(|(group, _)| group).collect()
}

/// Why, without what differs from case to case: where it was cut, which response, which request.
fn cause(case: &CaseRecord) -> String {
    if case.status == CaseStatus::NotApplicable {
        return case.reason.lines().next().unwrap_or_default().to_owned();
    }
    let first = case.reason.lines().next().unwrap_or_default();
    let mut parts = first.split(": ").filter(|part| {
        let is_place = part.starts_with("cut after byte") || part.starts_with("response ");
        let is_request = ["GET /", "HEAD /", "POST /", "PUT /", "DELETE /", "OPTIONS "]
            .iter()
            .any(|start| part.starts_with(start));
        !is_place && !is_request
    });
    // What follows may quote what was sent.
    parts.next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use httpdyno_spec::exchange::Level;

    use super::*;

    fn case(id: &str, status: CaseStatus, observed: &str, reason: &str) -> CaseRecord {
        CaseRecord {
            entry: "e".into(),
            case: id.into(),
            title: String::new(),
            level: Level::Must,
            source: String::new(),
            requires: String::new(),
            status,
            observed: observed.into(),
            reason: reason.into(),
            expected: String::new(),
            sent: String::new(),
            received: String::new(),
            duration_ns: 0,
        }
    }

    #[test]
    fn one_cause_is_one_group_wherever_it_shows() {
        let cases = [
            case("a", CaseStatus::Fail, "200, closed", "the connection was closed, expected: open"),
            case(
                "b",
                CaseStatus::Fail,
                "200, closed",
                "response 2: the connection was closed, expected: open",
            ),
            case("c", CaseStatus::Warn, "200, closed", "the connection was closed, expected: open"),
            case("d", CaseStatus::Fail, "400, open", "status is 400, expected 200"),
            case("e", CaseStatus::Fail, "500", "GET /json: status is 500, expected 200"),
            case("f", CaseStatus::Fail, "500", "GET /users/7: status is 500, expected 200"),
        ];
        let all: Vec<&CaseRecord> = cases.iter().collect();
        let sizes: Vec<usize> = groups(&all).iter().map(|group| group.cases.len()).collect();
        assert_eq!(sizes, [2, 1, 1, 2]);
    }
}
