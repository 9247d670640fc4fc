//! Where the requests of `httpdyno load` come from, and where they go: files and logs, unix
//! sockets, another place than the URL says.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use serde_json::Value;

const PATIENCE: Duration = Duration::from_secs(60);
const ENGINES: [&str; 2] = ["epoll", "auto"];
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// A request as it came: its head, and its body.
type Request = (String, String);

/// Answers as many requests as come, and tells of them.
fn answer(stream: impl Read + Write, told: &Sender<Request>) {
    let mut stream = BufReader::new(stream);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if !stream.read_line(&mut head).is_ok_and(|read| read > 0) {
                return;
            }
        }
        let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
        let mut body = vec![0; length.map_or(0, |text| text.parse().expect("a number"))];
        if stream.read_exact(&mut body).is_err() {
            return;
        }
        let bytes = if head.starts_with("HEAD ") { &ANSWER[..ANSWER.len() - 2] } else { ANSWER };
        let _ = told.send((head, String::from_utf8(body).expect("UTF-8")));
        if stream.get_mut().write_all(bytes).is_err() {
            return;
        }
    }
}

/// A server, and what it is asked.
fn server() -> (std::net::SocketAddr, Receiver<Request>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let (told, asked) = channel();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let told = told.clone();
            thread::spawn(move || answer(stream, &told));
        }
    });
    (address, asked)
}

/// The requests that came, by method and path.
fn asked(requests: &Receiver<Request>, count: usize) -> Vec<String> {
    let next = || requests.recv_timeout(PATIENCE).expect("a request").0;
    let line = |head: String| head.split(" HTTP/").next().unwrap_or_default().to_owned();
    (0..count).map(|_| line(next())).collect()
}

fn load(arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_httpdyno"));
    command.arg("load").args(arguments).args(["-c", "1", "--warmup", "0"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("httpdyno runs");
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("written");
    child.wait_with_output().expect("an end")
}

fn report(arguments: &[&str], input: &str) -> Value {
    let output = load(&[arguments, &["--json"]].concat(), input);
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn requests_of_a_file_are_sent_in_their_order_again_and_again() {
    let (address, requests) = server();
    let url = format!("http://{address}");
    let file = format!(
        "# three of them\n/a?x={{{{1}}}}\n\n{url}/b\n\
         {{\"method\":\"PUT\",\"url\":\"/c\",\"body\":{{\"k\":1}},\"headers\":{{\"X-Y\":\"z\"}}}}\n\
         HEAD /d\n"
    );
    for engine in ENGINES {
        let options = [&url, "--requests-from", "-", "-n", "8", "--engine", engine];
        let report = report(&options, &file);
        assert_eq!(report["total"]["ok"], 8, "{report}");
        let once = ["GET /a?x={{1}}", "GET /b", "PUT /c", "HEAD /d"];
        let came: Vec<Request> = (0..8).map(|_| requests.recv().expect("a request")).collect();
        for (n, (head, body)) in came.iter().enumerate() {
            assert!(head.starts_with(&format!("{} HTTP/1.1\r\n", once[n % 4])), "{n}: {head}");
            assert_eq!(head.contains("X-Y: z") && body == "{\"k\":1}", n % 4 == 2, "{n}: {head}");
        }
    }
}

#[test]
fn at_random_each_of_a_log_is_sent_about_as_often() {
    let (address, requests) = server();
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("access.log");
    let line = |request: &str| format!("::1 - - [28/Nov/2026] \"{request}\" 200 2 \"-\" \"x\"\n");
    let lines = [line("GET /a HTTP/1.1"), line("POST /b HTTP/1.1"), line("GET /c HTTP/2.0")];
    std::fs::write(&log, lines.concat()).expect("written");
    let url = format!("http://{address}/");
    let path = log.to_str().expect("UTF-8");
    let options = [&url, "--requests-from", path, "--order", "random", "-n", "400"];
    let output = load(&options, "");
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(output.status.success(), "{said}");
    assert!(said.contains("1 requests of the log are left out"), "{said}");
    let came = asked(&requests, 400);
    let of_a = came.iter().filter(|line| *line == "GET /a").count();
    // 200 in the mean, with a standard deviation of 10.
    assert!((120..=280).contains(&of_a), "{of_a}");
    assert!(came.iter().all(|line| line == "GET /a" || line == "GET /c"), "{came:?}");
    // Not in turn.
    assert!(came.windows(2).any(|pair| pair[0] == pair[1]), "{came:?}");
}

#[test]
fn a_file_may_say_which_server_and_one_of_two_is_refused() {
    let (address, requests) = server();
    let file = format!("/a\nhttp://{address}/b\n");
    assert_eq!(report(&["--requests-from", "-", "-n", "2"], &file)["total"]["ok"], 2);
    assert_eq!(asked(&requests, 2), ["GET /a", "GET /b"]);
    for (file, words) in [
        ("/a\n", "no URL says which server"),
        ("http://a.example/\nhttp://b.example/\n", "line 2: `http://b.example/` is of another"),
        ("/a\nnot a request\n", "line 2: `not a request` is no request"),
        ("\n", "no request in it"),
    ] {
        let there = address.to_string();
        let mut options = vec!["--requests-from", "-", "-n", "2"];
        if words.contains("another") {
            options.extend(["--connect-to", &there]);
            // All of them go there.
            assert_eq!(report(&options, file)["total"]["ok"], 2);
            let came: Vec<String> = (0..2).map(|_| requests.recv().expect("one").0).collect();
            assert!(came[1].contains("Host: b.example\r\n"), "{came:?}");
            options.truncate(4);
            continue;
        }
        let output = load(&options, file);
        let said = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn a_unix_socket_is_served_by_both_engines_by_file_and_by_abstract_name() {
    use std::os::linux::net::SocketAddrExt;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("server.sock");
    let name = format!("httpdyno-test-{}", std::process::id());
    let address = std::os::unix::net::SocketAddr::from_abstract_name(&name).expect("a name");
    let (told, requests) = channel();
    for listener in [UnixListener::bind(&file), UnixListener::bind_addr(&address)] {
        let (listener, told) = (listener.expect("bound"), told.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let told = told.clone();
                thread::spawn(move || answer(stream, &told));
            }
        });
    }
    let (file, name) = (file.to_str().expect("UTF-8").to_owned(), format!("@{name}"));
    for place in [&file, &name] {
        for engine in ENGINES {
            let url = "http://no.such.host.invalid/a";
            let more = ["--engine", engine, "-n", "30", "--reconnect-after", "10"];
            let report = report(&[&[url, "--unix-socket", place], &more[..]].concat(), "");
            assert_eq!(report["total"]["ok"], 30, "{place}, {engine}: {report}");
            let (head, _) = requests.recv_timeout(PATIENCE).expect("a request");
            assert!(head.contains("Host: no.such.host.invalid\r\n"), "{head}");
        }
    }
}

#[test]
fn one_connects_elsewhere_and_asks_for_the_url() {
    let (address, requests) = server();
    let (there, port) = (address.to_string(), address.port());
    let as_curl = format!("b\u{fc}cher.example:80:127.0.0.1:{port}");
    let as_dns = as_curl.replace("b\u{fc}cher", "xn--bcher-kva");
    for place in [&there, &as_curl, &as_dns] {
        let other = format!("other.example:80:127.0.0.1:{}", port ^ 1);
        let others = ["--connect-to", other.as_str()];
        let options = ["http://b\u{fc}cher.example/x", "--connect-to", place, "-n", "3"];
        let options = [&others[..], &options[..]].concat();
        let report = report(&options, "");
        assert_eq!(report["total"]["ok"], 3, "{report}");
        let (head, _) = requests.recv_timeout(PATIENCE).expect("a request");
        assert!(head.contains("Host: xn--bcher-kva.example\r\n"), "{head}");
        asked(&requests, 2);
    }
}

#[test]
fn without_keepalive_each_request_has_a_connection() {
    let (address, requests) = server();
    let url = format!("http://{address}/");
    for engine in ENGINES {
        let options = [&url, "--disable-keepalive", "-n", "20", "--engine", engine];
        let report = report(&options, "");
        assert_eq!(report["total"]["ok"], 20, "{report}");
        let renewed = report["connections"]["reconnects"].as_u64().expect("a number");
        assert!((19..=20).contains(&renewed), "{report}");
        for _ in 0..20 {
            let (head, _) = requests.recv_timeout(PATIENCE).expect("a request");
            assert!(head.contains("Connection: close\r\n"), "{head}");
        }
    }
}

#[test]
fn without_keepalive_a_given_connection_field_says_close_too() {
    let (address, requests) = server();
    let url = format!("http://{address}/");
    let file = "/a\n{\"url\":\"/b\",\"headers\":{\"connection\":\"Upgrade\"}}\n";
    let options = [&url, "-H", "Connection: TE", "--disable-keepalive", "-n", "2"];
    assert_eq!(report(&[&options[..], &["--requests-from", "-"]].concat(), file)["total"]["ok"], 2);
    for field in ["Connection: TE, close\r\n", "connection: Upgrade, close\r\n"] {
        let (head, _) = requests.recv_timeout(PATIENCE).expect("a request");
        assert!(head.contains(field) && head.matches("onnection:").count() == 1, "{head}");
    }
}

#[test]
fn noise_of_a_log_is_left_out_and_no_fragment_is_sent() {
    let (address, requests) = server();
    let url = format!("http://{address}/");
    let log = "- \"GET /login?next=http://other/#top HTTP/1.1\" 200\n- \"-\" 408 0\n\
               - \"\\x16\\x03\\x01\" 400\n- \"GET /a b HTTP/1.1\" 400\n\
               - \"CONNECT h:443 HTTP/1.1\" 405\n- \"GET /c HTTP/1.1\" 200\n";
    let output = load(&[&url, "--requests-from", "-", "-n", "2"], log);
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(output.status.success(), "{said}");
    for words in [
        "2 requests of the log are left out: 1 asked for a tunnel (CONNECT); 1 had a target",
        "2 lines of the log are left out",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert_eq!(asked(&requests, 2), ["GET /login?next=http://other/", "GET /c"]);
    let also = [&format!("{url}x#y"), "--also", "1000=/z#w", "-n", "20"];
    assert_eq!(report(&also, "")["total"]["ok"], 20);
    let came = asked(&requests, 20);
    assert!(came.iter().all(|it| it == "GET /x" || it == "GET /z"), "{came:?}");
    assert!(came.iter().any(|it| it == "GET /z"), "{came:?}");
}

#[test]
fn what_a_file_holds_is_told_once_and_without_control_characters() {
    let (address, _requests) = server();
    let url = format!("http://{address}/");
    for file in [
        "http://a\u{9b}31m/",
        "GET \u{1b}[31m",
        "{\"url\":\"\\u009b31m\"}",
        "{\"url\":\"/\",\"headers\":{\"a\\u009b\":\"b\"}}",
        "/a\u{9b}31m",
    ] {
        let output = load(&[&url, "--requests-from", "-", "-n", "1"], file);
        assert_eq!(output.status.code(), Some(2), "{file:?}");
        let said = String::from_utf8(output.stderr).expect("UTF-8");
        assert!(!said.contains(['\u{9b}', '\u{1b}']), "{said:?}");
        assert_eq!(said.matches("error:").count(), 1, "{said:?}");
    }
}

#[test]
fn a_body_comes_from_standard_input() {
    let (address, requests) = server();
    let url = format!("http://{address}/");
    let output = load(&[&url, "--body", "@-", "-n", "1"], "what was typed\n");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let (head, body) = requests.recv_timeout(PATIENCE).expect("a request");
    assert!(head.starts_with("POST / HTTP/1.1\r\n"), "{head}");
    assert_eq!(body, "what was typed\n");
}
