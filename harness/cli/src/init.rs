//! `httpdyno init`: the folder `httpdyno/` in somebody's own project, with a first suite that works.

mod draft;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use httpdyno_spec::command_line::CommandLine;
use httpdyno_spec::known::KnownFile;
use httpdyno_spec::profile::Profile;
use httpdyno_spec::suite::{Suite, SuiteFile};
use httpdyno_spec::workload::Workload;
use httpdyno_spec::{SpecFile, schema};
use httpdyno_target::allowed_cores;
use serde_json::Value;

use crate::Outcome;
use crate::exit::{Exit, Failure};
use crate::init::draft::{Draft, DraftOption};

#[derive(Args)]
pub(crate) struct Options {
    /// The project's folder
    #[arg(value_name = "DIR", default_value = ".")]
    project: PathBuf,
    /// Starts the server, in the project's folder, with {port} where its port belongs, unless PORT in
    /// its environment tells it [default: by Cargo.toml, go.mod or package.json]
    #[arg(long, value_name = "COMMAND", conflicts_with = "url")]
    run: Option<CommandLine>,
    /// Builds it [default: as for --run; nothing where --run is given]
    #[arg(long, value_name = "COMMAND", conflicts_with = "url")]
    build: Option<CommandLine>,
    /// A server that runs already, in place of one that is started
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// What it answers with 200 as soon as it is ready
    #[arg(long, value_name = "PATH", default_value = "/")]
    ready: String,
    /// What the first workload asks for
    #[arg(long, value_name = "PATH", default_value = "/")]
    path: String,
    #[command(flatten)]
    draft: DraftOption,
}

/// How a server is had.
struct Served {
    name: String,
    build: Option<CommandLine>,
    run: Option<CommandLine>,
    url: Option<String>,
}

pub(crate) fn run(options: &Options) -> Outcome {
    let project = options.project.canonicalize().map_err(|error| {
        Failure::new(format!("there is no folder {}: {error}", options.project.display()))
    })?;
    for (flag, path) in [("--ready", &options.ready), ("--path", &options.path)] {
        if !path.starts_with('/') {
            return Err(Failure::new(format!("{flag} `{path}`: expected a path, e.g. /health")));
        }
    }
    let draft = options.draft.draft()?;
    if let (Some(folder), Some(draft)) = (Suite::find_in(&project), &draft) {
        return add(&folder, draft);
    }
    let served = served(options, &project)?;
    let folder = project.join(Suite::FOLDER);
    fs::create_dir(&folder).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Failure::new(format!(
            "{} is there already, and nothing in it was touched; edit it, or remove it first",
            folder.display()
        )),
        _ => Failure::new(format!("cannot make {}: {error}", folder.display())),
    })?;
    let made =
        write(&folder, options, &served, draft.as_ref()).and_then(|()| Ok(Suite::load(&folder)?));
    if let Err(failure) = made {
        // Only what was made here a moment ago.
        let _ = fs::remove_dir_all(&folder);
        return Err(failure);
    }
    let first = draft.as_ref().map_or("first", |draft| draft.id);
    if let Some(draft) = &draft {
        crate::output::line!("{}", draft.said);
    }
    crate::output::line!(
        "{}: read suite.yaml and workloads/{first}.yaml, then measure a change with\n  \
         httpdyno ab {}",
        folder.display(),
        match served.url {
            Some(_) => "--base http://127.0.0.1:OLD --head http://127.0.0.1:NEW",
            None => "--base HEAD~1 --head HEAD",
        }
    );
    Ok(Exit::Done)
}

/// Puts a draft beside the workloads that are there.
fn add(folder: &Path, draft: &Draft) -> Outcome {
    Suite::load(folder)?;
    let path = folder.join(format!("workloads/{}.yaml", draft.id));
    let cannot = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Failure::new(format!(
            "{} is there already, and nothing in it was touched; rename it and its `id`, or remove it \
             first",
            path.display()
        )),
        _ => Failure::new(format!("cannot write {}: {error}", path.display())),
    };
    let mut file = fs::File::create_new(&path).map_err(cannot)?;
    let written = file.write_all(draft.text.as_bytes()).map_err(cannot);
    if let Err(failure) = written.and_then(|()| Ok(Suite::load(folder).map(drop)?)) {
        let _ = fs::remove_file(&path);
        return Err(failure);
    }
    crate::output::line!("{}", draft.said);
    crate::output::line!(
        "{}: read it, then name it in `workloads` of a profile, or with --workload {}",
        path.display(),
        draft.id
    );
    Ok(Exit::Done)
}

fn write(
    folder: &Path,
    options: &Options,
    served: &Served,
    draft: Option<&Draft>,
) -> Result<(), Failure> {
    let cores = allowed_cores().map_or(1, |cores| cores.len());
    let first = || fill(WORKLOAD, &[("path", &quoted(&options.path))]);
    let (workload, text) =
        draft.map_or_else(|| ("first", first()), |draft| (draft.id, draft.text.clone()));
    let mut files = vec![
        ("suite.yaml".to_owned(), suite(options, served)),
        (format!("workloads/{workload}.yaml"), text),
        ("profiles/local.yaml".to_owned(), profile(cores, workload)),
        (".gitignore".to_owned(), "results/\n".to_owned()),
    ];
    let wanted = [SuiteFile::SCHEMA, Workload::SCHEMA, Profile::SCHEMA, KnownFile::SCHEMA];
    let schemas = schema::all().into_iter().filter(|(name, _)| wanted.contains(name));
    files.extend(schemas.map(|(name, it)| (format!("schema/{name}"), schema::content(&it))));
    for (name, content) in files {
        let path = folder.join(name);
        let made = fs::create_dir_all(path.parent().unwrap_or(folder));
        made.and_then(|()| fs::write(&path, content))
            .map_err(|error| Failure::new(format!("cannot write {}: {error}", path.display())))?;
    }
    Ok(())
}

const SUITE: &str = include_str!("../templates/suite/suite.yaml");
const WORKLOAD: &str = include_str!("../templates/suite/workload.yaml");
const PROFILE: &str = include_str!("../templates/suite/profile.yaml");

fn fill(template: &str, values: &[(&str, &str)]) -> String {
    values
        .iter()
        .fold(template.to_owned(), |text, (name, value)| text.replace(&format!("<{name}>"), value))
}

/// A text as YAML, which JSON is a part of.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn words(line: &CommandLine) -> String {
    Value::from(line.words().to_vec()).to_string()
}

fn suite(options: &Options, served: &Served) -> String {
    let build = match (&served.build, &served.url) {
        (Some(build), _) => {
            format!("# Runs in the project's folder, without a shell.\nbuild: {}\n", words(build))
        }
        (None, None) => "# build: make release\n".to_owned(),
        (None, Some(_)) => String::new(),
    };
    let server = match (&served.run, &served.url) {
        (Some(run), _) => fill(STARTED, &[("run", &words(run))]),
        (None, url) => format!("  url: {}\n", quoted(url.as_deref().unwrap_or_default())),
    };
    let values = [
        ("name", quoted(&served.name)),
        ("build", build),
        ("server", server),
        ("ready", quoted(&options.ready)),
    ];
    fill(SUITE, &values.each_ref().map(|(name, value)| (*name, value.as_str())))
}

/// The part of a server that is started.
const STARTED: &str = "  # Stays in front. {port}, {host} and {workers} stand for what it is given here and in `env`; HOST,\n  \
    # PORT and WORKERS tell it too.\n  run: <run>\n  \
    # env: { LOG_LEVEL: warn }\n  # port: 8080    # if it always listens on the same one\n";

/// A few cores show less, and need more patience.
fn profile(cores: usize, workload: &str) -> String {
    let connections = if cores <= 2 { "[16]" } else { "[16, 64]" };
    let guard = if httpdyno_record::Host::detect().virtualised { "true" } else { "false" };
    let values = [("connections", connections), ("guard", guard), ("workload", workload)];
    fill(PROFILE, &values)
}

/// What was typed, else what the project's own files say.
fn served(options: &Options, project: &Path) -> Result<Served, Failure> {
    let folder = project.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let name = if folder.is_empty() { "service".to_owned() } else { folder };
    let (build, run, url) = (options.build.clone(), options.run.clone(), options.url.clone());
    if run.is_some() || url.is_some() {
        return Ok(Served { name, build, run, url });
    }
    let found = guessed(project).ok_or_else(|| {
        Failure::new(format!(
            "how the server of {} is started cannot be told from a Cargo.toml, go.mod or package.json; \
             say it with --run 'COMMAND --port {{port}}', or with --url where it runs already",
            project.display()
        ))
    })?;
    let [guessed_build, run] = found.map(|line| line.parse::<CommandLine>().ok());
    Ok(Served { name, build: build.or(guessed_build), run, url })
}

/// Build and run of the usual kinds of projects.
fn guessed(project: &Path) -> Option<[String; 2]> {
    let read = |file: &str| fs::read_to_string(project.join(file)).ok();
    if let Some(manifest) = read("Cargo.toml") {
        let name = package_name(&manifest)?;
        let build = "cargo build --release".to_owned();
        return Some([build, format!("target/release/{name}")]);
    }
    if read("go.mod").is_some() {
        return Some(["go build -o httpdyno-server .", "./httpdyno-server"].map(str::to_owned));
    }
    let package: Value = serde_json::from_str(&read("package.json")?).ok()?;
    let build = if package["scripts"]["build"].is_string() { "npm run build" } else { "npm ci" };
    package["scripts"]["start"].is_string().then(|| [build.to_owned(), "npm start".to_owned()])
}

/// The name in the table `[package]` of a Cargo.toml.
fn package_name(manifest: &str) -> Option<String> {
    let mut lines = manifest.lines().map(str::trim).skip_while(|line| *line != "[package]").skip(1);
    let line = lines.by_ref().take_while(|line| !line.starts_with('[')).find_map(|line| {
        let (key, value) = line.split_once('=')?;
        (key.trim() == "name").then(|| value.trim().trim_matches('"').to_owned())
    });
    line.filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::package_name;

    #[test]
    fn a_package_is_called_as_its_table_says() {
        let manifest = "[workspace]\nname = \"no\"\n[package]\nversion = \"1\"\nname = \"shop\"\n";
        assert_eq!(package_name(manifest).as_deref(), Some("shop"));
        assert_eq!(package_name("[package]\n[lib]\nname = \"x\"\n"), None);
        assert_eq!(package_name(""), None);
    }
}
