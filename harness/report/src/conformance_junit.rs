//! Verdicts as JUnit XML, for build servers.

use std::time::Duration;

use httpdyno_record::{CaseRecord, CaseStatus};
use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use crate::conformance_json::by_entry;
use crate::conformance_text::explanation;
use crate::legible::{legible, one_line};

/// The verdicts as one JUnit document: a suite for each entry, a test case for each case. What
/// fails the entry is a failure; what does not apply, or is not met but tolerated, is skipped with
/// its reason. `command` is the one that made the document.
///
/// # Errors
/// When the text cannot be written as XML.
pub fn render(cases: &[CaseRecord], command: &str) -> Result<String, quick_junit::SerializeError> {
    let mut report = Report::new("httpdyno conform");
    report.add_test_suites(suites(cases, command));
    report.to_string()
}

/// A suite for each entry, by its name.
pub(crate) fn suites<'a>(
    cases: &'a [CaseRecord],
    command: &str,
) -> impl Iterator<Item = TestSuite> + use<'a> {
    let property = Property::new("command", command);
    by_entry(cases).into_iter().map(move |(entry, cases)| {
        let mut suite = TestSuite::new(entry);
        suite.add_property(property.clone());
        suite.add_test_cases(cases.into_iter().map(test_case));
        suite
    })
}

fn test_case(case: &CaseRecord) -> TestCase {
    let mut status = match case.status {
        CaseStatus::Pass => TestCaseStatus::success(),
        CaseStatus::Fail | CaseStatus::UnexpectedPass => {
            TestCaseStatus::non_success(NonSuccessKind::Failure)
        }
        _ => TestCaseStatus::skipped(),
    };
    if case.status != CaseStatus::Pass {
        status.set_message(one_line(&format!("{}: {}", case.status, case.observed)));
        status.set_description(legible(&explanation(case)));
    }
    let mut test_case = TestCase::new(case.case.clone(), status);
    test_case.set_classname(case.source.clone()).set_time(Duration::from_nanos(case.duration_ns));
    test_case
}
