//! Rules for `suite.yaml`.

use super::{At, Check, in_range, not_blank, positive, version};
use crate::command_line::CommandLine;
use crate::suggest::unknown;
use crate::suite::{SuiteFile, SuiteServer};
use crate::template;

/// What stands for something in a suite's commands and in its server's environment.
const PLACEHOLDERS: [&str; 3] = ["port", "host", "workers"];

impl Check for SuiteFile {
    fn check(&self, at: At<'_>) {
        version(at.field("version"), self.version);
        not_blank(at.field("name"), "the name", &self.name);
        for (index, host) in self.hosts.iter().enumerate() {
            not_blank(at.field("hosts").item(index), "the host", host);
        }
        server(at.field("server"), &self.server);
        if self.server.run.is_none() && self.build.is_some() {
            at.field("build").say("nothing of it is run: there is no `server.run`");
        }
    }
}

fn server(at: At<'_>, server: &SuiteServer) {
    match (&server.run, &server.url) {
        (Some(_), None) => {}
        (None, Some(_)) => only_a_url(at, server),
        (Some(_), Some(_)) => {
            at.name("url").say("`run` and `url` stand side by side; one starts it")
        }
        (None, None) => at.say("neither `run`, which starts it, nor `url`, where it runs already"),
    }
    for (name, command) in [("run", &server.run), ("version", &server.version)] {
        let words = command.iter().flat_map(CommandLine::words);
        words.for_each(|word| placeholders(at.field(name), word));
    }
    for (name, value) in &server.env {
        let at = at.field("env");
        placeholders(at.field(name), value);
        if name.is_empty() || name.contains(['=', '\0']) {
            at.name(name).say(format!("`{name}` is no name of a variable"));
        }
    }
    if let Some(port) = server.port {
        in_range(at.field("port"), "the port", port.into(), 1..=65_535);
    }
    let ready = at.field("ready");
    let path = &server.ready.path;
    if !path.starts_with('/') || !path.chars().all(|letter| letter.is_ascii_graphic()) {
        ready.field("path").say(format!("`{path}` is no path to ask for, e.g. /health"));
    }
    for (index, code) in server.ready.status.iter().enumerate() {
        in_range(ready.field("status").item(index), "status code", (*code).into(), 100..=599);
    }
    positive(at.field("stop").field("within"), "the time to stop in", server.stop.within);
}

/// Nobody here starts or stops it.
fn only_a_url(at: At<'_>, server: &SuiteServer) {
    for (name, is_given) in [
        ("env", !server.env.is_empty()),
        ("port", server.port.is_some()),
        ("version", server.version.is_some()),
    ] {
        if is_given {
            at.name(name)
                .say(format!("`{name}` is for a server that is started, and `url` is not"));
        }
    }
}

fn placeholders(at: At<'_>, text: &str) {
    for used in template::variables(text) {
        if !PLACEHOLDERS.contains(&used) {
            at.say_unknown(unknown("placeholder", used, PLACEHOLDERS));
        }
    }
}
