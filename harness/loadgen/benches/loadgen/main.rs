//! What the generator costs and how far it can be believed: `cargo bench -p httpdyno-loadgen`,
//! or with the names of sections: `-- throughput lag accuracy connections breakdown`.
//!
//! All numbers of one table come from one run on one machine: compare ratios. Needs two cores
//! that nothing else uses; peers (wrk, oha) are measured where they are installed.

#![allow(unsafe_code, reason = "the bare io_uring loop; see `ring`")]

mod accuracy;
mod bare;
mod breakdown;
mod child;
mod clear;
mod connections;
mod floor;
mod guard;
mod lag;
mod peers;
mod realtime;
mod ring;
mod serve;
mod throughput;
mod truth;
mod verdict;

/// One section of the output.
type Section = fn();

const SECTIONS: [(&str, Section); 5] = [
    ("throughput", throughput::print),
    ("breakdown", breakdown::print),
    ("lag", lag::print),
    ("accuracy", accuracy::print),
    ("connections", connections::print),
];

fn main() {
    // `cargo bench` passes `--bench`.
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    if args.first().map(String::as_str) == Some("serve") {
        return serve::main(&args[1..]);
    }
    if args.first().map(String::as_str) == Some("one") {
        return throughput::one(&args[1..]);
    }
    let unknown = args.iter().find(|arg| !SECTIONS.iter().any(|(name, _)| name == arg));
    if let Some(unknown) = unknown {
        let names: Vec<&str> = SECTIONS.iter().map(|(name, _)| *name).collect();
        eprintln!("no section `{unknown}`, expected any of: {}", names.join(" "));
        std::process::exit(2);
    }
    for (name, section) in SECTIONS {
        if args.is_empty() || args.iter().any(|arg| arg == name) {
            println!("\n== {name}");
            section();
        }
    }
}
