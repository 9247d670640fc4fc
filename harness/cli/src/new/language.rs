//! What there is to start from: the files of templates/new/, where the entry is called `new-entry`.

use std::io;
use std::path::Path;

use clap::ValueEnum;

/// What stands for the id in the templates.
const PLACEHOLDER: &str = "new-entry";

/// The file in which cargo keeps versions and hashes.
const LOCKFILE: &str = "Cargo.lock";

/// A language with a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// hyper on tokio, in a workspace of its own
    Rust,
    /// net/http
    Go,
    /// An ASGI application on uvicorn
    Python,
    /// node:http
    Node,
    /// Bun.serve; Bun itself is one of the entry's packages
    #[value(alias = "bun")]
    Typescript,
    /// The JDK's com.sun.net.httpserver, built by Maven
    Java,
    /// Sockets and a thread for each connection, built by CMake
    #[value(alias = "c++")]
    Cpp,
}

/// Names and contents of a template's files. The README is called so without an ending: images are
/// made without the repository's texts.
macro_rules! template {
    ($folder:literal, $($name:literal),+ $(,)?) => {
        &[
            $(($name, include_str!(concat!("../../templates/new/", $folder, "/", $name))),)+
            ("README.md", include_str!(concat!("../../templates/new/", $folder, "/README"))),
        ]
    };
}

impl Language {
    /// The files of its template: path in the entry's folder, and content.
    pub(crate) fn files(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Rust => template!(
                "rust",
                "implementation.yaml",
                "Cargo.toml",
                "Cargo.lock",
                "src/main.rs",
                "src/answers.rs",
                "Dockerfile",
            ),
            Self::Go => template!(
                "go",
                "implementation.yaml",
                "go.mod",
                "main.go",
                "answers.go",
                "Dockerfile",
            ),
            Self::Python => template!(
                "python",
                "implementation.yaml",
                "requirements.in",
                "requirements.txt",
                "server.py",
                "app.py",
                "Dockerfile",
            ),
            Self::Node => template!(
                "node",
                "implementation.yaml",
                "package.json",
                "package-lock.json",
                "server.js",
                "answers.js",
                "Dockerfile",
            ),
            Self::Typescript => template!(
                "typescript",
                "implementation.yaml",
                "package.json",
                "package-lock.json",
                "server.ts",
                "answers.ts",
                "Dockerfile",
            ),
            Self::Java => template!(
                "java",
                "implementation.yaml",
                "pom.xml",
                "src/main/java/entry/Main.java",
                "src/main/java/entry/Answers.java",
                "Dockerfile",
            ),
            Self::Cpp => template!(
                "cpp",
                "implementation.yaml",
                "CMakeLists.txt",
                "build.cmake",
                "src/main.cpp",
                "src/connection.cpp",
                "src/request.cpp",
                "src/answers.cpp",
                "src/http.hpp",
                "Dockerfile",
            ),
        }
    }

    /// Writes its files into `folder` for the entry `id`.
    pub(crate) fn write(self, folder: &Path, id: &str) -> io::Result<()> {
        for (name, content) in self.files() {
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().unwrap_or(folder))?;
            let mut content = content.replace(PLACEHOLDER, id);
            if *name == LOCKFILE {
                content = in_order(&content);
            }
            std::fs::write(path, content)?;
        }
        Ok(())
    }

    /// Whether the server to start from is built on a package of that name, which cargo could not
    /// tell from the entry.
    pub(crate) fn depends_on(self, id: &str) -> bool {
        let lock = self.files().iter().find(|(name, _)| *name == LOCKFILE);
        lock.is_some_and(|(_, content)| content.contains(&format!("\nname = \"{id}\"\n")))
    }
}

/// A lockfile with its packages in the order that cargo insists on: by name.
fn in_order(lock: &str) -> String {
    let mut parts: Vec<&str> = lock.trim_end().split("\n\n").collect();
    // The first is the version of the format; a package's name stands in its second line.
    parts[1..].sort_by_key(|package| package.lines().nth(1));
    parts.join("\n\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::{LOCKFILE, Language, PLACEHOLDER, in_order};

    fn lockfile() -> &'static str {
        let mut files = Language::Rust.files().iter();
        files.find(|(name, _)| *name == LOCKFILE).expect("a lockfile").1
    }

    #[test]
    fn a_lockfile_stays_in_order_under_another_name() {
        assert_eq!(in_order(lockfile()), lockfile());
        for id in ["a", "zz-server"] {
            let renamed = in_order(&lockfile().replace(PLACEHOLDER, id));
            let names = renamed.lines().filter_map(|line| line.strip_prefix("name = "));
            assert!(names.is_sorted(), "{renamed}");
            assert!(renamed.contains(&format!("name = \"{id}\"")), "{renamed}");
        }
    }

    /// What a new entry is built from was reviewed with this workspace, and is downloaded once.
    #[test]
    fn the_template_is_locked_to_the_versions_of_the_workspace() {
        let of_workspace = include_str!("../../../../Cargo.lock");
        let ours =
            lockfile().split("\n\n").skip(1).filter(|package| !package.contains(PLACEHOLDER));
        for package in ours {
            let version: Vec<&str> = package.lines().skip(1).take(2).collect();
            assert!(
                of_workspace.contains(&version.join("\n")),
                "{version:?} is not in Cargo.lock: in harness/cli/templates/new/rust, \
                 `cp ../../../../../Cargo.lock . && cargo update --workspace`"
            );
        }
    }
}
