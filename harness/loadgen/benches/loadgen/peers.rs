//! Other generators, where they are installed.

use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use crate::child::GENERATOR_CORE;
use crate::throughput::Cost;

/// A program, run pinned to the generator's core with its CPU time taken by the shell.
fn run(script: &str) -> Option<(String, Duration)> {
    // `time` of bash has milliseconds; user and system time of the program and its children.
    let script = format!("TIMEFORMAT='cpu %U %S'; time taskset -c {GENERATOR_CORE} {script}");
    let output = Command::new("bash").args(["-c", &script]).output().ok()?;
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let cpu: Vec<f64> = errors
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("cpu "))?
        .split(' ')
        .filter_map(|text| text.parse().ok())
        .collect();
    let cpu = Duration::from_secs_f64(cpu.iter().sum());
    output.status.success().then(|| (String::from_utf8_lossy(&output.stdout).into_owned(), cpu))
}

/// wrk: its count and duration are of its whole run, which has no warm-up.
pub(crate) fn wrk(addr: SocketAddr, connections: usize, time: Duration) -> Option<Cost> {
    let seconds = time.as_secs();
    let (text, cpu) =
        run(&format!("wrk -t1 -c{connections} -d{seconds}s --latency http://{addr}/json"))?;
    // "1234567 requests in 5.00s, 170MB read"
    let line = text.lines().find(|line| line.contains(" requests in "))?;
    let mut words = line.split_whitespace();
    let requests = words.next()?.parse().ok()?;
    let elapsed = words.nth(2)?.trim_end_matches(',').trim_end_matches('s').parse().ok()?;
    Some(Cost { requests, elapsed: Duration::from_secs_f64(elapsed), cpu })
}

/// oha, on PATH or where the environment's `OHA` says.
pub(crate) fn oha(addr: SocketAddr, connections: usize, time: Duration) -> Option<Cost> {
    let program = std::env::var("OHA").unwrap_or_else(|_| "oha".into());
    let seconds = time.as_secs();
    let (text, cpu) = run(&format!(
        "env TOKIO_WORKER_THREADS=1 {program} -c {connections} -z {seconds}s --no-tui \
         --output-format json http://{addr}/json"
    ))?;
    let json: serde_json::Value = serde_json::from_str(&text).ok()?;
    let statuses = json.get("statusCodeDistribution")?.as_object()?;
    let requests = statuses.get("200")?.as_u64()?;
    let elapsed = json.get("summary")?.get("total")?.as_f64()?;
    Some(Cost { requests, elapsed: Duration::from_secs_f64(elapsed), cpu })
}

/// h2load over HTTP/1.1, whose count is of its whole run as well.
pub(crate) fn h2load(addr: SocketAddr, connections: usize, time: Duration) -> Option<Cost> {
    let seconds = time.as_secs();
    let (text, cpu) =
        run(&format!("h2load --h1 -t1 -c{connections} -D{seconds} http://{addr}/json"))?;
    // "finished in 2.00s, 1234.50 req/s, 1.20MB/s"
    // "requests: 2469 total, 2533 started, 2469 done, 2469 succeeded, 0 failed, ..."
    let elapsed = text.lines().find_map(|line| line.strip_prefix("finished in "))?;
    let elapsed = elapsed.split_once("s,")?.0.parse().ok()?;
    let requests = text.lines().find_map(|line| line.strip_prefix("requests: "))?;
    let succeeded = requests.split(", ").find_map(|part| part.strip_suffix(" succeeded"))?;
    let elapsed = Duration::from_secs_f64(elapsed);
    Some(Cost { requests: succeeded.parse().ok()?, elapsed, cpu })
}

/// The latencies that wrk prints: (percentile or "Max", text).
pub(crate) fn wrk_latencies(
    addr: SocketAddr,
    connections: usize,
    time: Duration,
) -> Option<Vec<(String, String)>> {
    let seconds = time.as_secs();
    let script = format!("wrk -t1 -c{connections} -d{seconds}s --latency http://{addr}/");
    let (text, _) = run(&script)?;
    let mut found: Vec<_> = text
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            let percent = words.next()?.strip_suffix('%')?;
            Some((format!("p{percent}"), words.next()?.to_string()))
        })
        .filter(|(name, _)| ["p50", "p99"].contains(&name.as_str()))
        .collect();
    let max = text.lines().find(|line| line.trim_start().starts_with("Latency   "))?;
    found.push(("max".into(), max.split_whitespace().nth(3)?.to_string()));
    Some(found)
}
