//! What a report takes grows with the trials and not faster, and histograms are left in their file.

mod made_up;

use httpdyno_record::{Record, RecordWriter};
use httpdyno_report::{Comparison, Provenance, bench_text, csv, html, markdown};

use made_up::{Made, record};

const WORKLOADS: [&str; 16] = [
    "w00", "w01", "w02", "w03", "w04", "w05", "w06", "w07", "w08", "w09", "w10", "w11", "w12",
    "w13", "w14", "w15",
];

/// Three entries at so many points, in so many blocks.
fn made(points: usize, blocks: u32) -> Record {
    record(&["a", "b", "c"], blocks, |_| {
        let at =
            |workload| ["a", "b", "c"].map(|entry| Made { entry, workload, ..Made::default() });
        WORKLOADS[..points].iter().flat_map(|workload| at(workload)).collect()
    })
}

/// CPU time of this thread, which does not grow with what else the machine does: the first field of
/// its schedstat (Documentation/scheduler/sched-stats.rst).
fn cpu_ns() -> u64 {
    let text =
        std::fs::read_to_string("/proc/thread-self/schedstat").expect("the kernel's account");
    text.split_whitespace().next().expect("a field").parse().expect("a number")
}

/// The least CPU time of three times all forms of `record`.
fn forms_ns(record: &Record, alone: &rayon::ThreadPool) -> u64 {
    let provenance = Provenance { run: "run".to_owned(), report: "report".to_owned() };
    let once = || {
        let before = cpu_ns();
        let comparison = alone.install(|| Comparison::to_be_read(record, None));
        let comparison = comparison.expect("histograms");
        let lengths = [
            bench_text::render(record, &comparison, 120).len(),
            markdown::render(record, &comparison, &provenance).len(),
            csv::render(record, &provenance).len(),
            html::render(record, &comparison, None, &provenance).expect("a page").len(),
        ];
        assert!(lengths.iter().all(|&length| length > 100), "{lengths:?}");
        cpu_ns() - before
    };
    (0..3).map(|_| once()).min().expect("three")
}

/// Eight times as many trials take eight times as long and what every page takes besides; what grows
/// with their square would take 64 times as long.
#[test]
fn eight_times_the_trials_take_no_more_than_eight_times_as_long() {
    // All on this thread, whose time is taken.
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build();
    let alone = alone.expect("a pool");
    let small = forms_ns(&made(2, 24), &alone);
    for (name, large) in [("points", made(16, 24)), ("blocks", made(2, 192))] {
        assert_eq!(large.trials.len(), 1_152);
        let large = forms_ns(&large, &alone);
        assert!(large < 20 * small, "{name}: {large} ns of CPU time, and {small} for an eighth");
    }
}

#[test]
fn a_record_that_is_read_holds_no_histogram_and_says_the_same() {
    let results = tempfile::tempdir().expect("folder");
    let made = made(2, 3);
    let mut writer = RecordWriter::create(results.path(), &made.run).expect("a record");
    writer.append_cases(&[]).expect("cases");
    for trial in &made.trials {
        writer.append_trial(trial, None).expect("a trial");
    }
    let read = Record::read_decided(writer.folder()).expect("readable");
    assert_eq!(read.trials, made.trials);
    let held = |record: &Record| {
        let measured = record.trials.iter().filter_map(|trial| trial.measurement());
        measured.filter(|measured| measured.latency_hdr.is_at_hand()).count()
    };
    assert_eq!((held(&made), held(&read)), (18, 0));
    let comparison = |record: &Record| Comparison::to_be_read(record, None).expect("histograms");
    assert_eq!(comparison(&read), comparison(&made));
}
