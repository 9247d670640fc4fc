//! What is given as a file, or on standard input.

use std::io::Read as _;
use std::path::Path;
use std::sync::OnceLock;

use crate::exit::Failure;

/// Text given on the command line, or the content of the file after `@`.
pub(super) fn text_or_file(argument: &str) -> Result<Vec<u8>, Failure> {
    match argument.strip_prefix('@') {
        Some(path) => read(Path::new(path)),
        None => Ok(argument.as_bytes().to_vec()),
    }
}

/// A whole file; `-` is standard input, which is read once, however often it is named.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    static STANDARD_INPUT: OnceLock<Vec<u8>> = OnceLock::new();
    if path != Path::new("-") {
        return std::fs::read(path)
            .map_err(|e| Failure::new(format!("cannot read {}: {e}", path.display())));
    }
    if let Some(bytes) = STANDARD_INPUT.get() {
        return Ok(bytes.clone());
    }
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().read_to_end(&mut bytes);
    read.map_err(|e| Failure::new(format!("cannot read standard input: {e}")))?;
    Ok(STANDARD_INPUT.get_or_init(|| bytes).clone())
}
