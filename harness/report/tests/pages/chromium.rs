//! A headless Chromium and one page in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use httpdyno_testkit::tell_skipped;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::pipe::Pipe;

/// The names that it goes by.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// A page in a browser of its own, which ends with it.
pub(crate) struct Page {
    browser: Child,
    pipe: Pipe,
    session: String,
    _profile: TempDir,
}

/// The browser's program; nothing, with a word on it, where there is none and none is demanded.
pub(crate) fn find() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .flat_map(|folder| NAMES.map(|name| folder.join(name)))
        .find(|program| program.is_file());
    if found.is_none() {
        let demanded = std::env::var_os("HTTPDYNO_REQUIRE_BROWSER").is_some_and(|it| it == "1");
        assert!(!demanded, "HTTPDYNO_REQUIRE_BROWSER=1, but there is none of {NAMES:?}");
        tell_skipped(&format!("it needs Chromium, and there is none of {NAMES:?}"));
    }
    found
}

impl Page {
    /// Opens `file` from disk and waits until its charts are drawn.
    pub(crate) fn open(program: &Path, file: &Path) -> Self {
        let mut page = Self::start(program);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            page.call(&format!("{domain}.enable"), json!({}));
        }
        page.resize(1280, 900);
        page.call("Page.navigate", json!({ "url": format!("file://{}", file.display()) }));
        page.pipe.wait_for("Page.loadEventFired");
        page
    }

    fn start(program: &Path) -> Self {
        let profile = tempfile::tempdir().expect("a folder");
        // The browser reads commands from descriptor 3 and answers on 4. When this process ends,
        // however it does, the pipe closes and the browser ends too.
        let mut browser = Command::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null"])
            .arg(program)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
            .args(["--disable-background-networking", "--no-first-run", "--disable-extensions"])
            .args(["--remote-debugging-pipe", "--hide-scrollbars"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Chromium starts");
        let to_browser = browser.stdin.take().expect("a pipe");
        let mut pipe = Pipe::new(to_browser, browser.stdout.take().expect("a pipe"));
        let made = pipe.call(None, "Target.createTarget", json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": made["targetId"], "flatten": true });
        let attached = pipe.call(None, "Target.attachToTarget", attach);
        let session = attached["sessionId"].as_str().expect("a session").to_owned();
        Self { browser, pipe, session, _profile: profile }
    }

    pub(crate) fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.pipe.call(Some(&self.session), method, parameters)
    }

    /// The value of an expression, or of what it promises.
    pub(crate) fn eval(&mut self, expression: &str) -> Value {
        let parameters = json!({
            "expression": expression, "returnByValue": true, "awaitPromise": true,
        });
        let answer = self.call("Runtime.evaluate", parameters);
        assert!(answer["exceptionDetails"].is_null(), "{expression}: {answer}");
        answer["result"]["value"].clone()
    }

    /// Waits until an expression holds, looking once a frame.
    pub(crate) fn until(&mut self, condition: &str) {
        self.eval(&format!(
            "new Promise((resolve) => {{ const look = () => \
             ({condition}) ? resolve(true) : requestAnimationFrame(look); look(); }})"
        ));
    }

    /// Chooses `value` in the control `id`, as a reader does.
    pub(crate) fn choose(&mut self, id: &str, value: &str) {
        self.eval(&format!(
            "{{ const it = document.getElementById({id}); it.value = {value}; \
             it.dispatchEvent(new Event('input', {{ bubbles: true }})); \
             it.dispatchEvent(new Event('change', {{ bubbles: true }})); }}",
            id = json!(id),
            value = json!(value)
        ));
    }

    /// Presses a key, e.g. `Tab` or `Enter`.
    pub(crate) fn press(&mut self, key: &str) {
        let text = if key == "Enter" { "\r" } else { "" };
        let code = match key {
            "Tab" => 9,
            "Enter" => 13,
            "Escape" => 27,
            "ArrowRight" => 39,
            "ArrowDown" => 40,
            other => panic!("{other} has no code here"),
        };
        for kind in ["keyDown", "keyUp"] {
            let event = json!({ "type": kind, "key": key, "code": key, "text": text,
                "windowsVirtualKeyCode": code });
            self.call("Input.dispatchKeyEvent", event);
        }
    }

    /// Lets the system prefer a colour scheme, `light` or `dark`.
    pub(crate) fn prefer(&mut self, scheme: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.call("Emulation.setEmulatedMedia", json!({ "features": features }));
    }

    pub(crate) fn resize(&mut self, width: u32, height: u32) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1,
            "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", size);
    }

    /// Writes a picture of the whole page, where `HTTPDYNO_SCREENSHOTS` names a folder for them.
    pub(crate) fn picture(&mut self, name: &str) {
        let Some(folder) = std::env::var_os("HTTPDYNO_SCREENSHOTS") else { return };
        let height = self.eval("document.documentElement.scrollHeight").as_u64().expect("a height");
        let clip = json!({ "x": 0, "y": 0, "width": self.eval("innerWidth"), "height": height,
            "scale": 1 });
        let parameters = json!({ "captureBeyondViewport": true, "clip": clip });
        let shot = self.call("Page.captureScreenshot", parameters);
        let bytes = STANDARD.decode(shot["data"].as_str().expect("a picture")).expect("base64");
        fs::write(Path::new(&folder).join(format!("{name}.png")), bytes).expect("a file");
    }

    /// What went wrong in the page, and which requests left it: both must be empty.
    pub(crate) fn complaints(&mut self) -> Vec<String> {
        self.eval("new Promise((resolve) => requestAnimationFrame(() => resolve(true)))");
        let events = self.pipe.events.iter();
        events.filter_map(complaint).collect()
    }
}

fn complaint(event: &Value) -> Option<String> {
    let parameters = &event["params"];
    match event["method"].as_str()? {
        "Runtime.exceptionThrown" => Some(parameters["exceptionDetails"].to_string()),
        "Runtime.consoleAPICalled" => Some(parameters["args"].to_string()),
        "Log.entryAdded" => Some(parameters["entry"]["text"].to_string()),
        "Network.requestWillBeSent" => {
            let url = parameters["request"]["url"].as_str()?;
            (!url.starts_with("file://") || !url.contains(".html"))
                .then(|| format!("a request for {url}"))
        }
        _ => None,
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // Its helpers end with it: they too lose their pipes.
        let _ = self.browser.kill();
        let _ = self.browser.wait();
    }
}
