//! `httpdyno doctor` on whatever machine the tests run on.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("workspace root").to_owned()
}

fn doctor(root: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_httpdyno"));
    command.arg("doctor").args(arguments).arg("--root").arg(root).stdin(Stdio::null());
    command.output().expect("httpdyno runs")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("folder");
    for item in fs::read_dir(from).expect("readable") {
        let path = item.expect("entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("copied");
        }
    }
}

#[test]
fn smoke_fits_any_machine_and_the_guard_is_measured() {
    let output = doctor(&root(), &["--profile", "smoke", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(found["fits"], true);
    assert_eq!(found["diagnosis"]["profile"], "smoke");
    assert!(
        found["host"]["machine"]["online_cores"].as_array().is_some_and(|cores| !cores.is_empty())
    );
    assert!(found["profiles_that_fit"].as_array().is_some_and(|ids| ids.contains(&"smoke".into())));
    let guard = &found["idle_guard"];
    let [low, ratio, high] =
        ["low_ppm", "ratio_ppm", "high_ppm"].map(|field| guard[field].as_u64().expect("a number"));
    assert!(0 < low && low <= ratio && ratio <= high, "{guard}");
}

#[test]
fn a_profile_for_another_machine_does_not_fit_and_says_why() {
    let other = tempfile::tempdir().expect("folder");
    copy(&root().join("spec"), &other.path().join("spec"));
    fs::create_dir(other.path().join("implementations")).expect("folder");
    let profile = other.path().join("spec/profiles/vm-2core.yaml");
    let text = fs::read_to_string(&profile).expect("the profile");
    let moved = text.replace("server: [0]", "server: [8190]");
    assert_ne!(text, moved);
    fs::write(&profile, moved).expect("written");
    let output = doctor(other.path(), &["--profile", "vm-2core"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("cores [8190] are not there"), "{text}");
    assert!(text.contains("profile vm-2core: does not fit: cores"), "{text}");
}
