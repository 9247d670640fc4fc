//! Starting and stopping: refusals, interruption, progress.

mod support;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use httpdyno_loadgen::{
    LoadError, LoadPlan, Observer, Route, SecondReport, Silent, Started, Threads, run,
};
use support::{ENGINES, Server, check_books, ok, plan, serve};

#[test]
fn a_refused_connection_is_a_clear_error() {
    // Nobody listens on the port, and as long as it is taken nobody will.
    let taken = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    taken.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    let addr = taken.local_addr().unwrap().as_socket().unwrap();
    for engine in ENGINES {
        let mut plan = LoadPlan { engine, ..plan(addr, "/", 10) };
        plan.timeout = Duration::from_millis(200);
        let error = run(plan, &AtomicBool::new(false), &mut Silent).unwrap_err();
        assert!(error.to_string().contains("refused; is the server running?"), "{error}");
    }
}

#[test]
fn an_interrupted_run_reports_what_it_measured() {
    struct StopAtStart<'a>(&'a AtomicBool, Vec<u64>);
    impl Observer for StopAtStart<'_> {
        fn started(&mut self, started: &Started) {
            assert_eq!((started.established, started.wanted), (2, 2));
        }
        fn window_opened(&mut self) {
            self.1.push(u64::MAX);
        }
        fn window_closed(&mut self) {
            self.1.push(u64::MAX);
        }
        fn second(&mut self, second: &SecondReport) {
            self.1.push(second.second);
            self.0.store(true, Ordering::Relaxed);
        }
    }
    let server = Server::answering(|_| ok(b""));
    for engine in ENGINES {
        let stop = AtomicBool::new(false);
        let mut plan = LoadPlan { engine, connections: 2, ..plan(server.addr, "/", 1) };
        plan.threads = Threads::Unpinned(2);
        plan.stop.requests = None;
        plan.stop.duration = Some(Duration::from_secs(60));
        let mut observer = StopAtStart(&stop, Vec::new());
        let report = run(plan, &stop, &mut observer).unwrap();
        check_books(&report);
        let seconds: Vec<u64> = observer.1.iter().copied().filter(|s| *s != u64::MAX).collect();
        let in_order: Vec<u64> = (0..report.seconds.len() as u64).collect();
        assert_eq!(seconds, in_order);
        // Opened once, before all seconds, and closed once, after the whole ones.
        assert_eq!(observer.1.len(), seconds.len() + 2);
        assert!(observer.1[0] == u64::MAX && observer.1[1] == 0);
        assert!(report.interrupted && report.total.ok > 0);
        assert!((1_000_000_000..50_000_000_000).contains(&report.elapsed_ns));
    }
}

#[test]
fn a_stop_before_the_start_ends_at_once() {
    let server = Server::answering(|_| ok(b""));
    for engine in ENGINES {
        let plan = LoadPlan { engine, ..plan(server.addr, "/", 1) };
        let report = run(plan, &AtomicBool::new(true), &mut Silent).unwrap();
        assert!(report.interrupted);
        assert_eq!((report.elapsed_ns, report.total.requests), (0, 0));
        check_books(&report);
    }
}

#[test]
fn contradictory_plans_are_refused() {
    let addr = "127.0.0.1:1".parse().unwrap();
    let refuse = |change: &dyn Fn(&mut LoadPlan)| {
        let mut plan = LoadPlan::new(addr, Route::get("/"));
        change(&mut plan);
        match run(plan, &AtomicBool::new(false), &mut Silent) {
            Err(LoadError::Plan(error)) => error.to_string(),
            other => panic!("{other:?}"),
        }
    };
    let text = refuse(&|plan| plan.routes.clear());
    assert_eq!(text, "no routes, expected at least one");
    let text = refuse(&|plan| plan.connections = 0);
    assert!(text.starts_with("the number of connections is 0, expected 1 "), "{text}");
    let text = refuse(&|plan| plan.routes[0].request.path = "/{{id}}".into());
    assert!(text.contains("`{{id}}` names no value"), "{text}");
    let text = refuse(&|plan| plan.routes[0].request.path = "/a b".into());
    assert!(text.starts_with("route `/`: bad request target"), "{text}");
    let text = refuse(&|plan| plan.stop.duration = None);
    assert!(text.contains("the stop condition is absent"), "{text}");
    let text = refuse(&|plan| {
        plan.routes[0].expect.body = httpdyno_loadgen::BodyCheck::Echo;
    });
    assert!(text.contains("an echo is expected"), "{text}");
}

#[test]
fn a_core_that_does_not_exist_is_a_clear_error() {
    let server = Server::answering(|_| ok(b""));
    let plan = LoadPlan { threads: Threads::Pinned(vec![9999]), ..plan(server.addr, "/", 1) };
    let error = run(plan, &AtomicBool::new(false), &mut Silent).unwrap_err();
    assert!(matches!(error, LoadError::Pin { core: 9999, .. }), "{error}");
}

#[test]
fn a_generator_thread_stays_on_its_core() {
    let server = Server::answering(|_| ok(b""));
    let allowed = rustix::thread::sched_getaffinity(None).unwrap();
    let core = (0..rustix::thread::CpuSet::MAX_CPU).rfind(|core| allowed.is_set(*core)).unwrap();
    let mut plan = LoadPlan { threads: Threads::Pinned(vec![core]), ..plan(server.addr, "/", 1) };
    plan.stop = httpdyno_loadgen::Stop { duration: Some(Duration::from_secs(60)), requests: None };
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = Arc::clone(&stop);
    let running = thread::spawn(move || run(plan, &stopped, &mut Silent).unwrap());
    // Other tests have threads of that name too, on all cores.
    let is_pinned = |task: std::io::Result<std::fs::DirEntry>| {
        let folder = task.ok()?.path();
        let name = std::fs::read_to_string(folder.join("comm")).ok()?;
        let status = std::fs::read_to_string(folder.join("status")).ok()?;
        let cores = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?;
        Some(name.starts_with("loadgen-") && cores.trim() == core.to_string())
    };
    let since = Instant::now();
    while !std::fs::read_dir("/proc/self/task").unwrap().any(|it| is_pinned(it) == Some(true)) {
        assert!(since.elapsed() < Duration::from_secs(30), "no thread on core {core}");
        thread::sleep(Duration::from_millis(5));
    }
    stop.store(true, Ordering::Relaxed);
    assert_eq!(running.join().unwrap().generator.threads[0].core, Some(core));
}

#[test]
fn connections_are_open_until_the_end_has_been_seen() {
    struct Slow<'a>(&'a AtomicUsize, Option<usize>);
    impl Observer for Slow<'_> {
        fn window_closed(&mut self) {
            // Far longer than a worker needs to end.
            thread::sleep(Duration::from_millis(100));
            self.1 = Some(self.0.load(Ordering::SeqCst));
        }
    }
    let gone = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&gone);
    let server = Server::start(move |stream| {
        serve(stream, &|_| ok(b""));
        counted.fetch_add(1, Ordering::SeqCst);
    });
    for engine in ENGINES {
        for after_window in [Duration::ZERO, Duration::from_secs(1)] {
            let mut plan = LoadPlan { engine, connections: 4, ..plan(server.addr, "/", 1) };
            plan.threads = Threads::Unpinned(2);
            plan.stop.requests = None;
            plan.stop.duration = Some(Duration::from_millis(100));
            plan.patience.after_window = after_window;
            let before = server.connections.load(Ordering::SeqCst);
            let mut observer = Slow(&gone, None);
            run(plan, &AtomicBool::new(false), &mut observer).unwrap();
            assert_eq!(observer.1, Some(before), "{engine:?}, {after_window:?}");
            let deadline = Instant::now() + Duration::from_secs(20);
            while gone.load(Ordering::SeqCst) < before + 4 {
                assert!(Instant::now() < deadline, "connections stay open");
                thread::sleep(Duration::from_millis(1));
            }
        }
    }
}
