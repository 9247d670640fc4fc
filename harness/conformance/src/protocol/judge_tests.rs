use std::path::Path;

use httpdyno_spec::case::{Case, Framed};

use super::judge::{Judgement, Outlook, judge, outlook};
use super::observation::{End, Observation};
use crate::answer::Answer;

/// A case with these accepted outcomes, given as YAML.
fn case(accept: &str) -> Case {
    let yaml = format!(
        "{{id: h1/test/case, title: t, level: must, source: s, requires: r, send: [bytes: x], \
         accept: [{accept}]}}"
    );
    serde_yaml::from_str(&yaml).unwrap_or_else(|e| panic!("{yaml}: {e}"))
}

fn answer(status: u16, body: &str) -> Answer {
    let fields = vec![("content-type".to_owned(), b"text/plain".to_vec())];
    Answer { status, fields, body: body.into(), framed: Some(Framed::Length), spaceless: false }
}

fn judged(accept: &str, statuses: &[u16], end: End) -> Judgement {
    let answers = statuses.iter().map(|&status| answer(status, "")).collect();
    let seen = Observation { answers, interim: 0, announced: false, out_of_time: false, end };
    judge(&case(accept), &seen, Path::new("."))
}

fn accepts(accept: &str, statuses: &[u16], end: End) -> bool {
    judged(accept, statuses, end).accepted.is_some()
}

#[test]
fn each_end_fits_what_it_is_and_nothing_else() {
    let out_of_step = || End::OutOfStep("x".into());
    let table: [(&str, &[End]); 5] = [
        ("open", &[End::Open]),
        ("closed", &[End::Closed]),
        ("ended", &[End::Closed, End::Reset]),
        ("open-or-ended", &[End::Open, End::Closed, End::Reset]),
        ("any", &[End::Open, End::Closed, End::Reset, End::Silent, out_of_step(), End::NotLooked]),
    ];
    let ends = [End::Open, End::Closed, End::Reset, End::Silent, out_of_step(), End::NotLooked];
    for (then, fitting) in table {
        let accept = format!("{{responses: [{{status: [400]}}], then: {then}}}");
        for end in &ends {
            let fits = accepts(&accept, &[400], end.clone());
            assert_eq!(fits, fitting.contains(end), "{then} {end:?}");
        }
        let malformed = End::Malformed("bad-status-line", "x".into());
        assert!(!accepts(&accept, &[400], malformed) && !accepts(&accept, &[400], unreachable()));
    }
}

fn unreachable() -> End {
    End::Unreachable("refused".into())
}

#[test]
fn the_number_and_order_of_responses_are_exact() {
    let two = "{responses: [{status: [200]}, {status: [4xx]}], then: closed}";
    assert!(accepts(two, &[200, 431], End::Closed));
    for wrong in [&[200][..], &[400, 200], &[200, 400, 400], &[]] {
        assert!(!accepts(two, wrong, End::Closed), "{wrong:?}");
    }
    let many = "{responses: [{status: [200], times: 3}], then: open}";
    assert!(accepts(many, &[200; 3], End::Open) && !accepts(many, &[200; 2], End::Open));
    assert!(accepts("{responses: [], then: ended}", &[], End::Reset));
    assert!(!accepts("{responses: [], then: ended}", &[400], End::Closed));
}

#[test]
fn the_first_outcome_that_holds_is_the_accepted_one() {
    let either = "{responses: [{status: [400]}], then: closed}, \
                  {responses: [{status: [2xx]}], then: open}";
    assert_eq!(judged(either, &[200], End::Open).accepted, Some(1));
    let neither = judged(either, &[400], End::Open);
    assert_eq!((neither.accepted, neither.why.len()), (None, 2));
    assert_eq!(neither.why[0], "the connection is open and in step, expected: closed with a FIN");
    assert_eq!(neither.why[1], "status is 400, expected 2xx");
}

#[test]
fn fields_content_framing_and_interim_responses_count() {
    let path = Path::new(".");
    let judged = |accept: &str, interim| {
        let seen = Observation {
            answers: vec![answer(200, "Hi")],
            interim,
            announced: false,
            out_of_time: false,
            end: End::Open,
        };
        judge(&case(accept), &seen, path).accepted.is_some()
    };
    let with = |extra: &str| format!("{{responses: [{{status: [200], {extra}}}], then: open}}");
    assert!(judged(&with("body: {text: Hi}"), 0) && !judged(&with("body: {text: Ho}"), 0));
    assert!(judged(&with("headers: {content-type: {media-type: text/plain}}"), 0));
    assert!(!judged(&with("headers: {allow: present}"), 0));
    assert!(judged(&with("line: well-formed"), 0));
    assert!(judged(&with("framed: length"), 0) && judged(&with("framed: not-chunked"), 0));
    assert!(!judged(&with("framed: chunked"), 0) && !judged(&with("framed: close"), 0));
    let interim = |n| format!("{{responses: [{{status: [200]}}], interim: {n}, then: open}}");
    assert!(judged(&interim(1), 1) && !judged(&interim(0), 1) && judged(&with("times: 1"), 7));
    assert!(judged(&interim(1), 2) && !judged(&interim(2), 1) && judged(&interim(0), 0));
    let except =
        |codes: &str| format!("{{responses: [{{status: [2xx], except: [{codes}]}}], then: open}}");
    assert!(judged(&except("204"), 0) && !judged(&except("204, 200"), 0));
}

#[test]
fn labels_say_what_is_accepted_where_chance_decides() {
    let label = |accept: &str, statuses: &[u16], end| judged(accept, statuses, end).label;
    let ended = "{responses: [{status: [400]}], then: ended}";
    assert_eq!(label(ended, &[400], End::Closed), "400, ended");
    assert_eq!(label(ended, &[400], End::Reset), "400, ended");
    assert_eq!(label(ended, &[400], End::Open), "400, open");
    let either = "{responses: [{status: [400]}], then: open-or-ended}";
    assert_eq!(label(either, &[400], End::Reset), "400, ended");
    assert_eq!(label(either, &[400], End::Open), "400, open");
    assert_eq!(label("{responses: [{status: [400]}], then: any}", &[400], End::Silent), "400");
    assert_eq!(label(either, &[200, 200, 400], End::Silent), "200 x2 400, silent");
    assert_eq!(label("{responses: [], then: closed}", &[], End::Closed), "no response, closed");
    let malformed = End::Malformed("bad-chunk-size", "x".into());
    assert_eq!(label(either, &[], malformed), "no response, malformed (bad-chunk-size)");
}

#[test]
fn the_outlook_says_what_to_wait_for() {
    let case = case(
        "{responses: [{status: [400]}], then: closed}, \
         {responses: [{status: [200]}, {status: [400]}], then: open}, {responses: [], then: any}",
    );
    let view = |statuses: &[u16]| {
        let answers: Vec<Answer> = statuses.iter().map(|&s| answer(s, "")).collect();
        outlook(&case, &answers, Path::new("."))
    };
    let nothing =
        Outlook { complete: true, waiting: true, indifferent: true, ..Outlook::default() };
    assert_eq!(view(&[]), nothing);
    let ended = Outlook { complete: true, may_be_ended: true, ..Outlook::default() };
    assert_eq!(view(&[400]), ended);
    assert_eq!(view(&[200]), Outlook { waiting: true, ..Outlook::default() });
    let open = Outlook { complete: true, may_be_open: true, ..Outlook::default() };
    assert_eq!(view(&[200, 400]), open);
    assert_eq!(view(&[500]), Outlook::default());
}
