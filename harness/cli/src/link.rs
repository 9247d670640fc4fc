//! `httpdyno link`: stands in a linker's place in the builds of `ab --builds`, and puts the objects that are
//! linked in another order.

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use clap::Args;
use httpdyno_stats::Seeded;

use crate::Outcome;
use crate::exit::Failure;

#[derive(Args)]
pub(crate) struct Options {
    /// Decides the order
    #[arg(long)]
    seed: u64,
    /// The real program, and what it is asked
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    command: Vec<OsString>,
}

/// With these, a compiler links nothing.
const LINKS_NOTHING: [&str; 5] = ["-c", "-S", "-E", "-M", "-MM"];

pub(crate) fn run(options: &Options) -> Outcome {
    let (program, arguments) = options.command.split_first().ok_or_else(|| {
        Failure::new("no program is named; this stands in a linker's place, and is not typed")
    })?;
    let error = Command::new(program).args(shuffled(arguments, options.seed)).exec();
    Err(Failure::new(format!("cannot run {}: {error}", Path::new(program).display())))
}

/// The same arguments, the objects among them in an order of their own.
fn shuffled(arguments: &[OsString], seed: u64) -> Vec<OsString> {
    let mut all = arguments.to_vec();
    if arguments.iter().any(|it| LINKS_NOTHING.iter().any(|nothing| it == nothing)) {
        return all;
    }
    let is_object = |at: &usize| is_object(arguments, *at);
    let places: Vec<usize> = (0..arguments.len()).filter(is_object).collect();
    let mut objects: Vec<OsString> = places.iter().map(|&at| arguments[at].clone()).collect();
    Seeded::new(seed).shuffle(&mut objects);
    for (at, object) in places.into_iter().zip(objects) {
        all[at] = object;
    }
    all
}

/// Not what is written to, and none of those with which a program begins and ends: their order is no matter of
/// taste.
fn is_object(arguments: &[OsString], at: usize) -> bool {
    let path = Path::new(&arguments[at]);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_written = at > 0 && arguments[at - 1] == "-o";
    let is_frame = ["crt", "Scrt", "rcrt", "gcrt"].iter().any(|begin| name.starts_with(begin));
    !name.starts_with(['-', '@']) && name.ends_with(".o") && !is_written && !is_frame
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str, seed: u64) -> String {
        let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let words = shuffled(&words, seed);
        words.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn objects_change_places_with_each_other_and_nothing_else_moves() {
        let line = "-m64 crt1.o a.o b.o -Wl,--x c.o -o out.o d.o liba.a @more.o e.o -lc crtn.o";
        let orders: Vec<String> = (0..20).map(|seed| of(line, seed)).collect();
        assert!(orders.iter().any(|order| *order != line), "{orders:?}");
        for order in &orders {
            let mut words: Vec<&str> = order.split(' ').collect();
            for fixed in [0, 1, 4, 6, 7, 9, 10, 12, 13] {
                assert_eq!(words[fixed], line.split(' ').nth(fixed).expect("a word"), "{order}");
            }
            words.sort_unstable();
            let mut wanted: Vec<&str> = line.split(' ').collect();
            wanted.sort_unstable();
            assert_eq!(words, wanted);
        }
        assert_eq!(of(line, 3), of(line, 3));
    }

    #[test]
    fn what_links_nothing_is_left_alone() {
        for line in ["-c a.o b.o c.o d.o e.o f.o", "-E a.o b.o c.o d.o e.o", "-o x a.c", "-v"] {
            for seed in 0..9 {
                assert_eq!(of(line, seed), line);
            }
        }
    }
}
