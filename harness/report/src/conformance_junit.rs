//! Verdicts as JUnit XML, for build servers.

use std::time::Duration;

use httpdyno_record::{CaseRecord, CaseStatus};
use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use crate::conformance_json::{Origin, by_entry};
use crate::conformance_text::explanation;
use crate::legible::{legible, one_line};

/// The verdicts as one JUnit document: a suite for each entry, a test case for each case. What
/// fails the entry is a failure; what does not apply, or is a known deviation, is skipped with its
/// reason. What is not met and only recommended has run and does not fail: it is a success whose
/// output says so.
///
/// # Errors
/// When the text cannot be written as XML.
pub fn render(
    cases: &[CaseRecord],
    origin: &Origin,
) -> Result<String, quick_junit::SerializeError> {
    let mut report = Report::new("httpdyno conform");
    let facts =
        [("command", &origin.command), ("tool", &origin.tool), ("spec_digest", &origin.spec)];
    report.add_test_suites(suites(cases, &facts.map(|(name, value)| Property::new(name, value))));
    report.to_string()
}

/// A suite for each entry, by its name.
pub(crate) fn suites<'a>(
    cases: &'a [CaseRecord],
    properties: &[Property],
) -> impl Iterator<Item = TestSuite> + use<'a> {
    let properties = properties.to_vec();
    by_entry(cases).into_iter().map(move |(entry, cases)| {
        let mut suite = TestSuite::new(entry);
        suite.add_properties(properties.clone());
        suite.add_test_cases(cases.into_iter().map(test_case));
        suite
    })
}

fn test_case(case: &CaseRecord) -> TestCase {
    let mut status = match case.status {
        CaseStatus::Pass | CaseStatus::Warn | CaseStatus::Info => TestCaseStatus::success(),
        CaseStatus::Fail | CaseStatus::UnexpectedPass => {
            TestCaseStatus::non_success(NonSuccessKind::Failure)
        }
        _ => TestCaseStatus::skipped(),
    };
    let unmet = matches!(case.status, CaseStatus::Warn | CaseStatus::Info);
    if case.status != CaseStatus::Pass && !unmet {
        status.set_message(one_line(&format!("{}: {}", case.status, case.observed)));
        status.set_description(legible(&explanation(case)));
    }
    let mut test_case = TestCase::new(case.case.clone(), status);
    if unmet {
        let seen = one_line(&format!("{}: {}", case.status, case.observed));
        test_case.set_system_out(format!("{seen}\n{}", legible(&explanation(case))));
    }
    test_case.set_classname(case.source.clone()).set_time(Duration::from_nanos(case.duration_ns));
    test_case
}
