//! Tests that this machine can not run.

use std::fmt::Display;
use std::io::Write as _;
use std::thread;

/// Says that the calling test is skipped, or a part of it, and `why`: by name, on standard error
/// itself. What a test prints the usual way is kept from whoever runs it as long as it passes.
pub fn tell_skipped(why: &dyn Display) {
    let thread = thread::current();
    let test = thread.name().unwrap_or("a test");
    // Without a standard error there is nobody to tell.
    let _ = writeln!(std::io::stderr(), "skipped: {test}: {why}");
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::tell_skipped;

    const NAME: &str = "skipped::tests::a_skipped_test_is_named_although_it_passes";
    const INNER: &str = "HTTPDYNO_TESTKIT_TELLS_SKIPPED";

    /// Runs itself once more, as a test of a machine that lacks something.
    #[test]
    fn a_skipped_test_is_named_although_it_passes() {
        if std::env::var_os(INNER).is_some() {
            return tell_skipped(&"nothing is there");
        }
        let program = std::env::current_exe().expect("own path");
        let mut again = Command::new(program);
        // More than one test at a time: alone, a test runs on the main thread.
        let output = again.args(["--exact", NAME, "--test-threads=2"]).env(INNER, "1").output();
        let output = output.expect("it runs");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{errors}");
        assert!(errors.contains(&format!("skipped: {NAME}: nothing is there")), "{errors}");
    }
}
