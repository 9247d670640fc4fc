//! Options of other load generators, answered with what is meant here.

use clap::error::{ContextKind, ContextValue, ErrorKind};

/// What is typed elsewhere, and what to do here.
const HABITS: [(&[&str], &str); 20] = [
    (
        &["--latency", "--latencies", "-l"],
        "leave it out: latencies and their distribution are always printed (--percentiles chooses \
         which)",
    ),
    (
        &["-k", "--keepalive", "--keep-alive"],
        "leave it out: connections are kept open unless --disable-keepalive is given",
    ),
    (&["-z"], "the measured time is -d, e.g. -d 30s"),
    (&["-q", "-R", "--rps", "--qps"], "the rate is --rate, e.g. --rate 500"),
    (&["-m"], "the method is -X, e.g. -X PUT; requests outstanding on a connection are --pipeline"),
    (
        &["-s", "--script"],
        "there are no scripts: --requests-from reads requests from a file, --value fills in values",
    ),
    (&["-T", "--content-type"], "it is a field: -H 'Content-Type: application/json'"),
    (&["-A"], "it is a field: -H 'Accept: */*'"),
    (&["-a", "-u", "--user"], "it is a field: -H 'Authorization: Basic ...'"),
    (&["--host", "--vhost"], "it is a field: -H 'Host: example.org'"),
    (&["-D", "-f", "-F", "--body-file"], "the body of a file is --body @FILE"),
    (&["-b", "--data", "--data-raw", "--data-binary"], "the body is --body, or --body @FILE"),
    (&["-p"], "the body of a file is --body @FILE; requests outstanding are --pipeline"),
    (
        &["-o", "-O", "--out", "--summary-export", "--output-format"],
        "the form and its file are --output, e.g. --output json=FILE, k6=FILE or oha; latencies go to \
         --hdr FILE",
    ),
    (&["-w", "--workers"], "connections are -c, the generator's threads -t"),
    (
        &["--location", "-r", "--redirect", "--max-redirects"],
        "redirects are followed with --follow, or --follow=MOST; without it a 3xx counts as right \
         unless --expect-status says otherwise",
    ),
    (&["--connect-timeout"], "--timeout holds for connecting too"),
    (&["--disable-compression"], "leave it out: no compression is asked for"),
    (
        &["--no-tui", "--quiet", "-Q"],
        "plain lines come where standard error is no terminal: 2> FILE",
    ),
    (&["-i", "--input-file", "--targets", "--urls", "--urls-from-file"], "--requests-from FILE"),
];

/// Puts a tip to the complaint about an option that is known elsewhere, or given as elsewhere.
/// `typed`: all arguments.
pub(crate) fn explain(error: &mut clap::Error, typed: &[String]) {
    if let Some(most) = most_redirects(typed) {
        error.remove(ContextKind::SuggestedArg);
        let tip = format!("how many redirects stands behind an equals sign: --follow={most}");
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
        return;
    }
    if error.kind() != ErrorKind::UnknownArgument {
        return;
    }
    let Some(ContextValue::String(found)) = error.get(ContextKind::InvalidArg) else { return };
    let name = found.split(['=', ' ']).next().unwrap_or_default().to_owned();
    if let Some(meant) = meant(&name) {
        // What is only spelt alike leads astray.
        error.remove(ContextKind::SuggestedArg);
        let tip = format!("`{name}`: {meant}");
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
}

/// The number of `--follow 3`, `-L 3` or `-L3`.
fn most_redirects(typed: &[String]) -> Option<&str> {
    let is_number = |text: &&str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    let behind = typed.windows(2).filter(|pair| ["--follow", "-L"].contains(&pair[0].as_str()));
    let apart = behind.map(|pair| pair[1].as_str()).find(is_number);
    apart.or_else(|| typed.iter().filter_map(|one| one.strip_prefix("-L")).find(is_number))
}

fn meant(option: &str) -> Option<&'static str> {
    HABITS.iter().find(|(names, _)| names.contains(&option)).map(|(_, meant)| *meant)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{Args, Command};

    #[test]
    fn no_habit_is_an_option_of_ours() {
        let command = super::super::Options::augment_args(Command::new("load"));
        for argument in command.get_arguments() {
            let long = argument.get_long().map(|long| format!("--{long}"));
            let short = argument.get_short().map(|short| format!("-{short}"));
            for ours in [long, short].into_iter().flatten() {
                assert_eq!(meant(&ours), None, "{ours}");
            }
        }
    }

    #[test]
    fn what_is_named_as_meant_is_an_option_of_ours() {
        let command = super::super::Options::augment_args(Command::new("load"));
        let longs: Vec<&str> = command.get_arguments().filter_map(clap::Arg::get_long).collect();
        for (_, meant) in HABITS {
            for word in meant.split(|c: char| c.is_whitespace() || ":;,()=".contains(c)) {
                if let Some(long) = word.strip_prefix("--") {
                    assert!(longs.contains(&long), "--{long}");
                }
            }
        }
    }
}
