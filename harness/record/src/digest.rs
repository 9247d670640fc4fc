//! SHA-256 digests of files and of the spec, so that a result names exactly what it was made with.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// The digest of one file, as hexadecimal digits.
///
/// # Errors
/// When the file cannot be read.
pub fn of_file(path: &Path) -> io::Result<String> {
    let mut hash = Sha256::new();
    feed_file(&mut hash, path)?;
    Ok(hexadecimal(&hash.finalize()))
}

/// What of `spec/` asks nothing of servers: what is generated from the harness's types, what others
/// have claimed (of which a record has each file's own digest), and where a suite keeps its records.
const NOT_ASKED: [&str; 3] = ["schema", "claims", "results"];

/// The digest of the spec in `folder`: over the names and contents of all files, in the order of
/// their names, as hexadecimal digits. What asks nothing of servers is left out.
///
/// # Errors
/// When the folder or a file in it cannot be read.
pub fn of_spec(folder: &Path) -> io::Result<String> {
    let mut files = Vec::new();
    collect_files(folder, &mut files)?;
    files.retain(|file| !NOT_ASKED.iter().any(|part| file.starts_with(folder.join(part))));
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        let name = file.strip_prefix(folder).unwrap_or(&file).to_string_lossy().into_owned();
        // Lengths in front keep two different trees from running together to the same bytes.
        hash.update(u64::try_from(name.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(name.as_bytes());
        hash.update(file.metadata()?.len().to_be_bytes());
        feed_file(&mut hash, &file)?;
    }
    Ok(hexadecimal(&hash.finalize()))
}

fn collect_files(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for item in std::fs::read_dir(folder)? {
        let path = item?.path();
        if path.is_dir() {
            collect_files(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

fn feed_file(hash: &mut Sha256, path: &Path) -> io::Result<()> {
    let mut file = File::open(path)?;
    let mut chunk = vec![0; 64 * 1024];
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok(()),
            read => hash.update(&chunk[..read]),
        }
    }
}

/// `bytes` as lower-case hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::{of_file, of_spec};
    use std::fs;

    #[test]
    fn a_file_has_the_digest_that_sha256sum_prints() {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("abc");
        fs::write(&file, "abc").expect("write");
        assert_eq!(
            of_file(&file).expect("digest"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn a_spec_digest_changes_with_names_and_contents() {
        let folder = tempfile::tempdir().expect("folder");
        fs::create_dir(folder.path().join("sub")).expect("create");
        fs::write(folder.path().join("sub/a"), "one").expect("write");
        let first = of_spec(folder.path()).expect("digest");
        fs::rename(folder.path().join("sub/a"), folder.path().join("sub/b")).expect("rename");
        let renamed = of_spec(folder.path()).expect("digest");
        fs::write(folder.path().join("sub/b"), "two").expect("write");
        let changed = of_spec(folder.path()).expect("digest");
        assert!(first != renamed && renamed != changed && first != changed);
    }

    #[test]
    fn schemas_and_claims_are_no_part_of_the_digest() {
        let folder = tempfile::tempdir().expect("folder");
        let write = |name: &str, text: &str| {
            let file = folder.path().join(name);
            fs::create_dir_all(file.parent().expect("a parent")).expect("create");
            fs::write(file, text).expect("write");
            of_spec(folder.path()).expect("digest")
        };
        let first = write("cases/schema.yaml", "one");
        assert_eq!(write("schema/record/trial.schema.json", "{}"), first);
        assert_eq!(write("results/2026/run.json", "{}"), first);
        assert_eq!(write("claims/somebody.yaml", "id: somebody"), first);
        assert_ne!(write("cases/schema.yaml", "two"), first);
    }
}
