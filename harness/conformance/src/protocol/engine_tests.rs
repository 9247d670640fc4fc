//! The engine against servers that send what they are told to.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use httpdyno_spec::case::Case;
use httpdyno_testkit::{End, Script, ScriptedResponder, Step};

use super::Doorway;
use crate::finding::Finding;
use crate::plan::Target;

const HELLO: &str = "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nHello, World!";
const BAD: &str = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
const BAD_CLOSE: &str =
    "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
/// What every case here sends, unless it says otherwise.
const GET: &str = r"send: [bytes: 'GET / HTTP/1.1\r\nHost: {host}\r\n\r\n']";
const OPEN: &str = "accept: [{responses: [{status: [200]}], then: open}]";
const CLOSED: &str = "accept: [{responses: [{status: [400]}], then: closed}]";
const EITHER: &str = "accept: [{responses: [{status: [400]}], then: open-or-ended}]";

fn case(rest: &[&str]) -> Arc<Case> {
    let yaml = format!(
        "{{id: h1/test/case, title: t, level: must, source: s, requires: r, {}}}",
        rest.join(", ")
    );
    Arc::new(serde_yaml::from_str(&yaml).unwrap_or_else(|e| panic!("{yaml}: {e}")))
}

async fn run_case(case: &Arc<Case>, target: &Target) -> Finding {
    super::run_case(case, target, Path::new("."), &Arc::new(Doorway::new())).await
}

/// Runs the case; no case of a test may take nearly as long as the bound given here.
async fn run(scripts: Vec<Script>, rest: &[&str]) -> Finding {
    let server = ScriptedResponder::start(scripts);
    let target = Target::at(server.address());
    let case = case(rest);
    let running = run_case(&case, &target);
    let bound = Duration::from_secs(60);
    tokio::time::timeout(bound, running).await.expect("the engine must not hang")
}

fn script(steps: Vec<Step>, end: End) -> Vec<Script> {
    vec![Script { steps, end }]
}

fn send(text: &str) -> Step {
    Step::Send(text.into())
}

#[tokio::test]
async fn an_open_connection_is_seen_by_a_follow_up_request() {
    let finding = run(vec![Script::answer(HELLO, End::Again)], &[GET, OPEN]).await;
    assert!(finding.held, "{finding:?}");
    assert_eq!(finding.observed, "200, open");
    assert!(finding.sent.text.starts_with(r"GET / HTTP/1.1\r\nHost: 127.0.0.1:"));
    assert!(finding.sent.text.contains(r"GET /plaintext HTTP/1.1\r\n"));
    assert_eq!(finding.received.text.matches("Hello, World!").count(), 2);
}

#[tokio::test]
async fn ends_are_told_apart() {
    let closed = run(vec![Script::answer(BAD, End::Close)], &[GET, CLOSED]).await;
    assert!(closed.held, "{closed:?}");
    let reset = run(vec![Script::answer(BAD, End::Reset)], &[GET, CLOSED]).await;
    assert_eq!((reset.held, reset.observed.as_str()), (false, "400, reset"));
    let open = run(
        script(vec![Step::ReadRequest, send(BAD), Step::ReadRequest, send(HELLO)], End::Again),
        &[GET, CLOSED],
    );
    let open = open.await;
    assert_eq!((open.held, open.observed.as_str()), (false, "400, open"));
    let silent = run(vec![Script::answer(BAD, End::Silence)], &[GET, CLOSED, "deadline: 1s"]).await;
    assert_eq!((silent.held, silent.observed.as_str()), (false, "400, silent"));
}

#[tokio::test]
async fn a_server_may_choose_where_the_case_lets_it() {
    for (bytes, end, label) in [
        (BAD, End::Close, "400, ended"),
        (BAD_CLOSE, End::Close, "400, ended"),
        (BAD_CLOSE, End::Reset, "400, ended"),
    ] {
        let finding = run(vec![Script::answer(bytes, end)], &[GET, EITHER]).await;
        assert!(finding.held, "{finding:?}");
        assert_eq!(finding.observed, label);
    }
}

#[tokio::test]
async fn responses_before_a_reset_are_not_lost() {
    let accept = "accept: [{responses: [{status: [200], times: 3}], then: ended}]";
    let finding = run(vec![Script::answer(HELLO.repeat(3), End::Reset)], &[GET, accept]).await;
    assert_eq!((finding.held, finding.observed.as_str()), (true, "200 x3, ended"));
}

#[tokio::test]
async fn a_response_nobody_asked_for_is_out_of_step() {
    // At once, so that it comes with the first; and late, so that it looks like the follow-up's.
    let twice = HELLO.repeat(2);
    let finding = run(vec![Script::answer(twice.as_str(), End::Again)], &[GET, OPEN]).await;
    assert_eq!((finding.held, finding.observed.as_str()), (false, "200, out of step"));
    let late = vec![Step::ReadRequest, send(HELLO), Step::ReadRequest, send(&twice)];
    let finding = run(script(late, End::Silence), &[GET, OPEN]).await;
    assert_eq!((finding.held, finding.observed.as_str()), (false, "200, out of step"));
    let wrong = vec![Step::ReadRequest, send(HELLO), Step::ReadRequest, send(BAD)];
    let finding = run(script(wrong, End::Silence), &[GET, OPEN]).await;
    assert_eq!((finding.held, finding.observed.as_str()), (false, "200, out of step"));
}

#[tokio::test]
async fn malformed_and_cut_responses_are_named() {
    let garbage = run(vec![Script::answer("garbage\r\n\r\n", End::Silence)], &[GET, OPEN]).await;
    assert!(garbage.observed.starts_with("no response, malformed ("), "{garbage:?}");
    let cut = &HELLO[..HELLO.len() - 3];
    let finding = run(vec![Script::answer(cut, End::Close)], &[GET, OPEN]).await;
    assert_eq!(finding.observed, "no response, malformed (closed-in-body)");
    let finding = run(vec![Script::answer(cut, End::Reset)], &[GET, OPEN]).await;
    assert_eq!(finding.observed, "no response, malformed (reset-in-response)");
}

#[tokio::test]
async fn silence_is_neither_a_response_nor_waited_for_beyond_the_deadline() {
    let begin = Instant::now();
    let silent = script(vec![Step::ReadRequest], End::Silence);
    let finding = run(silent, &[GET, OPEN, "deadline: 300ms"]).await;
    assert_eq!((finding.held, finding.observed.as_str()), (false, "no response, silent"));
    assert!(begin.elapsed() >= Duration::from_millis(300));
    let any = "accept: [{responses: [], then: any}, {responses: [{status: [408]}], then: closed}]";
    let silent = script(vec![Step::ReadRequest], End::Silence);
    let finding = run(silent, &[GET, any, "deadline: 300ms"]).await;
    assert_eq!((finding.held, finding.observed.as_str()), (true, "no response"));
}

#[tokio::test]
async fn a_server_that_never_stops_sending_is_cut_off() {
    let head = "HTTP/1.1 200 OK\r\nX: ";
    for endless in [HELLO, "xxxxxxxxxxxxxxxx", "HTTP/1.1 102 P\r\n\r\n"] {
        let steps = vec![Step::ReadRequest, Step::SendForEver(endless.into())];
        let finding = run(script(steps, End::Close), &[GET, OPEN]).await;
        assert!(!finding.held, "{finding:?}");
        assert!(finding.received.text.len() < 4 * 4096 + 1);
    }
    let steps =
        vec![Step::ReadRequest, send(head), Step::SendForEver(b"yyyyyyyyyyyyyyyy".to_vec())];
    let finding = run(script(steps, End::Close), &[GET, OPEN]).await;
    assert_eq!(finding.observed, "no response, malformed (head-too-large)");
    let chunk = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let endless = format!("10000\r\n{}\r\n", "z".repeat(0x10000));
    let steps = vec![Step::ReadRequest, send(chunk), Step::SendForEver(endless.into())];
    let finding = run(script(steps, End::Close), &[GET, OPEN]).await;
    assert_eq!(finding.observed, "no response, malformed (body-too-long)");
}

#[tokio::test]
async fn no_connection_is_a_verdict() {
    let address = ScriptedResponder::start([Script::answer(HELLO, End::Close)]).address();
    let finding = run_case(&case(&[GET, OPEN]), &Target::at(address)).await;
    assert_eq!((finding.held, finding.observed.as_str()), (false, "no response, no connection"));
}

#[tokio::test]
async fn requests_are_cut_at_every_byte_and_the_first_bad_position_is_named() {
    let server = httpdyno_testkit::Server::perfect();
    let target = Target::at(server.address());
    let send = r"send: [bytes: 'GET /plaintext HTTP/1.1\r\nHost: {host}\r\n\r\n']";
    let split = case(&[send, OPEN, "delivery: split-at-every-byte"]);
    let before = server.accepted();
    let finding = run_case(&split, &target).await;
    assert_eq!((finding.held, finding.observed.as_str()), (true, "200, open"));
    let length = format!("GET /plaintext HTTP/1.1\r\nHost: {}\r\n\r\n", server.authority()).len();
    // Once uncut, and once for each place between two bytes.
    assert_eq!(server.accepted() - before, length as u64);

    let broken = [httpdyno_testkit::WireQuirk::NeedsHeadInOneRead];
    let broken = httpdyno_testkit::Server::with(broken);
    let finding = run_case(&split, &Target::at(broken.address())).await;
    let cuts = format!("GET /plaintext HTTP/1.1\r\nHost: {}\r\n\r\n", broken.authority()).len() - 1;
    let expected = format!("cut after byte 1 ({cuts} of {cuts} positions fail): ");
    assert!(finding.why[0].starts_with(&expected), "{:?}", finding.why);
    assert_eq!(finding.observed, "fails when cut");

    let bytes = case(&[send, OPEN, "delivery: byte-by-byte"]);
    let finding = run_case(&bytes, &target).await;
    assert_eq!((finding.held, finding.observed.as_str()), (true, "200, open"));
}

#[tokio::test]
async fn a_half_closed_client_still_reads() {
    let half = r"send: [bytes: 'GET /plaintext HTTP/1.1\r\nHost: {host}\r\n\r\n', half-close]";
    let server = httpdyno_testkit::Server::perfect();
    let ended = "accept: [{responses: [{status: [200]}], then: closed}]";
    let finding = run_case(&case(&[half, ended]), &Target::at(server.address())).await;
    assert_eq!((finding.held, finding.observed.as_str()), (true, "200, closed"));
}

#[tokio::test]
async fn interim_responses_are_counted_apart() {
    let interim = "HTTP/1.1 100 Continue\r\n\r\n";
    let head = r"bytes: 'POST / HTTP/1.1\r\nHost: h\r\n\r\n'";
    let send = format!(r"send: [{head}, await-interim: 9s, bytes: 'x\r\n\r\n']");
    let accept = "accept: [{responses: [{status: [200]}], interim: 1, then: closed}]";
    let steps = vec![Step::ReadRequest, self::send(interim), Step::ReadRequest, self::send(HELLO)];
    let finding = run(script(steps.clone(), End::Close), &[&send, accept]).await;
    assert_eq!((finding.held, finding.observed.as_str()), (true, "200, closed"));
    // More than one is as good, where not none is asked for.
    let mut twice = steps;
    twice.insert(1, self::send(interim));
    let finding = run(script(twice.clone(), End::Close), &[&send, accept]).await;
    assert!(finding.held, "{finding:?}");
    let none = accept.replace("interim: 1", "interim: 0");
    let finding = run(script(twice, End::Close), &[&send, &none]).await;
    assert_eq!(finding.why, ["2 interim responses came, expected none"]);
}

const HELLO_CLOSE: &str =
    "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 13\r\n\r\nHello, World!";
/// Two requests, each sent when the one before has been answered.
const TWO: &str =
    r"send: [sequential: {bytes: 'GET / HTTP/1.1\r\nHost: {host}\r\n\r\n', times: 2}]";
const BOTH: &str = "accept: [{responses: [{status: [200], times: 2}], then: open}]";

#[tokio::test]
async fn an_announced_close_is_no_fault_and_a_silent_one_is() {
    for end in [End::Close, End::Reset, End::Silence] {
        let finding = run(vec![Script::answer(HELLO_CLOSE, end)], &[GET, OPEN]).await;
        assert!(finding.held, "{end:?}: {finding:?}");
        assert_eq!(finding.observed, "200, close announced");
    }
    let finding = run(vec![Script::answer(HELLO, End::Close)], &[GET, OPEN]).await;
    assert_eq!((finding.held, finding.observed.as_str()), (false, "200, closed"));
    // The end of the connection was announced, that of the server was not.
    let scripts =
        vec![Script::answer(HELLO_CLOSE, End::Close), script(vec![], End::Close).remove(0)];
    let finding = run(scripts, &[GET, OPEN]).await;
    assert_eq!((finding.held, finding.observed.as_str()), (false, "200, out of step"));
    assert!(
        finding.why[0].contains("on a new one `GET /plaintext` got no response"),
        "{finding:?}"
    );
}

#[tokio::test]
async fn what_an_announced_close_leaves_unseen_is_asked_again_and_then_not_judged() {
    let finding = run(vec![Script::answer(HELLO_CLOSE, End::Close)], &[TWO, BOTH]).await;
    assert_eq!((finding.held, finding.observed.as_str()), (false, "close announced"));
    let reason = finding.not_here.expect("not judged");
    assert!(reason.contains("after 1 of 2 responses"), "{reason}");
    let unannounced = run(vec![Script::answer(HELLO, End::Close)], &[TWO, BOTH]).await;
    assert_eq!((unannounced.held, unannounced.not_here), (false, None));
    let scripts = vec![Script::answer(HELLO_CLOSE, End::Close), Script::answer(HELLO, End::Again)];
    let again = run(scripts, &[TWO, BOTH]).await;
    assert_eq!((again.held, again.observed.as_str()), (true, "200 x2, open"));
}

#[tokio::test]
async fn a_slow_server_is_not_blamed_for_the_rest_of_a_long_sequence() {
    let slow = |end| Script {
        steps: vec![Step::ReadRequest, Step::Pause(Duration::from_millis(150)), send(HELLO)],
        end,
    };
    let many = TWO.replace("times: 2", "times: 1000");
    let all = BOTH.replace("times: 2", "times: 1000");
    let rest = [many.as_str(), &all, "deadline: 1s"];
    let finding = run(vec![slow(End::Again)], &rest).await;
    assert_eq!((finding.held, finding.observed.as_str()), (false, "out of time"), "{finding:?}");
    let reason = finding.not_here.expect("not judged");
    assert!(reason.contains(" of 1000 responses came"), "{reason}");
    // What is wrong is so however slowly it comes.
    let finding = run(vec![slow(End::Close)], &rest).await;
    assert_eq!((finding.held, &finding.not_here), (false, &None), "{finding:?}");
    let wrong = all.replace("200", "204");
    let finding = run(vec![slow(End::Again)], &[&many, &wrong, "deadline: 1s"]).await;
    assert_eq!((finding.held, &finding.not_here), (false, &None), "{finding:?}");
}

#[tokio::test]
async fn more_patience_waits_longer_for_what_a_case_asks() {
    let pause = Step::Pause(Duration::from_millis(1500));
    let slow = script(vec![Step::ReadRequest, pause, send(HELLO)], End::Again);
    let server = ScriptedResponder::start(slow);
    let mut target = Target::at(server.address());
    let case = case(&[GET, OPEN, "deadline: 1s"]);
    let finding = run_case(&case, &target).await;
    assert!(!finding.held && finding.observed.starts_with("no response"), "{finding:?}");
    target.patience = 9;
    let finding = run_case(&case, &target).await;
    assert_eq!((finding.held, finding.observed.as_str()), (true, "200, open"));
}

#[tokio::test]
async fn a_lingering_server_is_judged_by_what_it_announced_and_answers_no_more() {
    for accept in [CLOSED, EITHER] {
        let finding = run(vec![Script::answer(BAD_CLOSE, End::Silence)], &[GET, accept]).await;
        assert!(finding.held, "{finding:?}");
    }
    let answering = run(vec![Script::answer(BAD_CLOSE, End::Again)], &[GET, CLOSED]).await;
    assert_eq!((answering.held, answering.observed.as_str()), (false, "400, out of step"));
    let steps = vec![Step::ReadRequest, send(BAD_CLOSE), Step::ReadRequest, send(HELLO)];
    let answering = run(script(steps, End::Again), &[GET, CLOSED]).await;
    assert_eq!((answering.held, answering.observed.as_str()), (false, "400, open"));
}

#[tokio::test]
async fn an_error_whose_tail_a_reset_cuts_off_is_that_error() {
    let cut = "HTTP/1.1 431 Too Large\r\nConnection: close\r\nContent-Length: 90\r\n\r\ntoo m";
    let accept = "accept: [{responses: [{status: [4xx]}], then: open-or-ended}]";
    let finding = run(vec![Script::answer(cut, End::Reset)], &[GET, accept]).await;
    assert_eq!((finding.held, finding.observed.as_str()), (true, "431, ended"));
    let finding = run(vec![Script::answer(cut, End::Close)], &[GET, accept]).await;
    assert_eq!(finding.observed, "no response, malformed (closed-in-body)");
    // The reset may come while the rest of the request is still being sent, and is told only then.
    let more = r"send: [bytes: 'GET / HTTP/1.1\r\nHost: {host}\r\n\r\n', repeat: {bytes: aaaaaaaaaaaaaaaa, times: 262144}]";
    for _ in 0..20 {
        let finding = run(vec![Script::answer(cut, End::Reset)], &[more, accept]).await;
        assert_eq!((finding.held, finding.observed.as_str()), (true, "431, ended"));
    }
    let cut = cut.replace("431 Too Large", "200 OK");
    let accept = "accept: [{responses: [{status: [200]}], then: open-or-ended}]";
    let finding = run(vec![Script::answer(cut, End::Reset)], &[GET, accept]).await;
    assert_eq!(finding.observed, "no response, malformed (reset-in-response)");
}

#[tokio::test]
async fn http_2_is_an_outcome_where_a_case_says_so() {
    let settings = || vec![Script::answer([0, 0, 0, 4, 0, 0, 0, 0, 0], End::Silence)];
    let accept =
        "accept: [{responses: [], then: http-2}, {responses: [{status: [505]}], then: ended}]";
    let finding = run(settings(), &[GET, accept]).await;
    assert_eq!((finding.held, finding.observed.as_str()), (true, "no response, HTTP/2"));
    let finding = run(settings(), &[GET, OPEN]).await;
    assert_eq!((finding.held, finding.observed.as_str()), (false, "no response, HTTP/2"));
}

#[tokio::test]
async fn a_case_that_fails_without_its_cause_too_says_nothing() {
    let control = r"control: {without: 'the oddity', send: [bytes: 'GET / HTTP/1.1\r\n\r\n']}";
    let bad = || Script::answer(BAD, End::Again);
    let finding = run(vec![bad()], &[GET, OPEN, control]).await;
    assert_eq!(finding.observed, "another cause");
    let reason = finding.not_here.expect("not judged");
    assert!(reason.starts_with("the same without the oddity does not hold either: status is 400"));
    let finding = run(vec![bad(), Script::answer(HELLO, End::Again)], &[GET, OPEN, control]).await;
    assert_eq!((finding.held, finding.not_here), (false, None));
    assert!(finding.why[0].ends_with("without the oddity it holds: that is the cause"));

    // Closed because of the oddity, if announced: by the first answer, and not by the third.
    let closes = Script::answer(HELLO_CLOSE, End::Close);
    let open = || Script::answer(HELLO, End::Again);
    let finding = run(vec![closes.clone(), open()], &[GET, OPEN, control]).await;
    assert!(!finding.held && finding.why[0].contains("that is the cause"), "{finding:?}");
    let twice = format!("control: {{without: 'the oddity', {TWO}}}");
    let scripts = vec![closes.clone(), closes.clone(), open()];
    let finding = run(scripts, &[TWO, BOTH, &twice]).await;
    assert_eq!((finding.held, &finding.not_here), (false, &None), "{finding:?}");
    assert!(finding.why[0].contains("that is the cause"), "{finding:?}");
    let finding = run(vec![closes], &[GET, OPEN, control]).await;
    assert_eq!((finding.held, finding.observed.as_str()), (true, "200, close announced"));
}

#[tokio::test]
async fn what_fails_uncut_is_not_the_cut_s_fault() {
    let split = [GET, OPEN, "delivery: split-at-every-byte"];
    let finding = run(vec![Script::answer(BAD, End::Again)], &split).await;
    let reason = finding.not_here.expect("not judged");
    assert!(reason.starts_with("the same without a cut does not hold either"), "{reason}");
    let finding = run(vec![Script::answer(HELLO_CLOSE, End::Close)], &split).await;
    assert_eq!((finding.held, finding.observed.as_str()), (true, "200, close announced"));
}
