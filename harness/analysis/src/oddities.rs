//! What is odd in a record itself, in whatever form it is told.

use httpdyno_record::Record;

/// That a file was cut, that trials stand there twice, and that some are not there.
#[must_use]
pub fn oddities(record: &Record) -> Vec<String> {
    let mut found = Vec::new();
    if record.truncated {
        found.push("the last line of a file is incomplete and was left out".to_owned());
    }
    if record.duplicates() > 0 {
        found.push(format!(
            "{} stood in the record twice, by the same number or the same moment, and the later ones \
             were left out; it was edited or put together",
            trials(record.duplicates())
        ));
    }
    if record.missing() > 0 {
        found.push(format!(
            "{} not in the record although later ones are; it was edited or damaged, and whoever \
             leaves out trials can choose what the rest say",
            match record.missing() {
                1 => "1 trial is".to_owned(),
                several => format!("{several} trials are"),
            }
        ));
    }
    found
}

fn trials(count: u32) -> String {
    if count == 1 { "1 trial".to_owned() } else { format!("{count} trials") }
}
