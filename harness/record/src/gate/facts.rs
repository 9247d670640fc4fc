//! The table itself.

use super::Facts;
use super::Gate::{self, *};
use super::Scope::{self, Decision, Row, Run, Server, Trial};

/// What ends what else uses the machine.
const QUIETER: Option<&str> =
    Some("end what else runs on this machine, or use another; `httpdyno doctor` names it");

/// What gives the generator more of the machine.
const MORE_FOR_THE_GENERATOR: Option<&str> = Some(
    "give the generator more cores than the server by a profile of your own, or a workload that \
     costs the server more",
);

const LONGER: Option<&str> = Some("ask for a longer --warmup and --measure");

const MORE_CONNECTIONS: Option<&str> = Some("ask with more --connections");

const SEE_ITS_ANSWERS: Option<&str> =
    Some("see what it answers by `httpdyno conform --impl ENTRY`, and its log");

/// On the generator's cores others move when requests are sent and answers are read.
const AS_PACE: &str =
    "latency, and cost (open loop, several connections) or throughput (closed loop)";

/// Every gate, in the order of [`Gate`].
pub static GATES: [Facts; 25] = [
    gate(
        (Errors, "errors"),
        Server,
        "errors and wrong responses, those of the warm-up among them, exceed {errors_ppm} of all: an \
         error is cheap and never throughput",
        "all",
        SEE_ITS_ANSWERS,
    ),
    gate(
        (Responses, "responses"),
        Server,
        "nothing came in the measured window",
        "all",
        SEE_ITS_ANSWERS,
    ),
    gate(
        (Established, "established"),
        Server,
        "fewer connections were established than asked for",
        "all",
        Some("look at `ulimit -n`, or ask with fewer --connections"),
    ),
    gate(
        (WarmUp, "warm-up"),
        Row,
        "the rate was still changing at the end of the warm-up",
        "all",
        LONGER,
    ),
    gate(
        (Window, "window"),
        Row,
        "closed loop: the rate changed from the beginning of the window to its end by more than \
         {flat_ppm}, along the line through the logarithms of its tenths of a second, and the 90 % \
         interval of the change shows that it did; 0 switches it off. (That the rate is *shown to be flat* is what ends \
         the warm-up; a noisy window is not void for being noisy)",
        "all",
        LONGER,
    ),
    gate(
        (LittlesLaw, "littles-law"),
        Row,
        "throughput x latency differs from the number of connections by more than \
         {littles_law_ppm} (closed loop; Little 1961): counts or times are wrong",
        "all",
        None,
    ),
    gate(
        (Offered, "offered"),
        Row,
        "less than {offered_ppm} of an open loop's requests were answered in the window: it is \
         another rate",
        "all",
        Some("ask for smaller shares with --rates"),
    ),
    gate(
        (SendLag, "send-lag"),
        Row,
        "the 99th percentile of the send lag exceeds {send_lag_ppm} of the median latency: requests \
         that had a connection waited in the generator",
        "latency above the median; all of it where the lag's 90th percentile does as well",
        MORE_FOR_THE_GENERATOR,
    ),
    of_ours(gate(
        (GeneratorDelay, "generator-delay"),
        Row,
        "the generator waited for its core for more than {generator_delay_ppm} of the window: \
         requests came in bursts, which are cheaper to serve",
        AS_PACE,
        MORE_FOR_THE_GENERATOR,
    )),
    of_ours(gate(
        (Generator, "generator"),
        Row,
        "closed loop: the generator used more than {generator_cpu_ppm} of its cores",
        "latency, and throughput unless the server used {server_limit_ppm} of its own and less than \
         5 % while idle: a server without a free moment never waited for the generator, whose calls \
         take more responses each when it falls behind",
        MORE_FOR_THE_GENERATOR,
    )),
    gate(
        (Headroom, "headroom"),
        Row,
        "closed loop: more than {headroom_ppm} of the null server's rate in the same block",
        "throughput",
        MORE_FOR_THE_GENERATOR,
    ),
    gate(
        (ServerUnsaturated, "server-unsaturated"),
        Row,
        "closed loop: the server used less than {server_busy_ppm} of its cores while the generator \
         was busier",
        "throughput",
        MORE_CONNECTIONS,
    ),
    of_ours(gate(
        (ServerDelay, "server-delay"),
        Row,
        "a thread of the server was ready to run for more than {server_delay_ppm} of the window \
         while neither it nor another one of the server (nor a database beside it) had a core",
        AS_PACE,
        QUIETER,
    )),
    gate(
        (NobodyBusy, "nobody-busy"),
        Row,
        "closed loop: server (with its database) and generator all used less than \
         {server_busy_ppm} of their cores, at an endpoint that is not to be held: the rate is that \
         of what they waited for, and no peak",
        "throughput",
        MORE_CONNECTIONS,
    ),
    of_ours(gate(
        (Steal, "steal"),
        Trial,
        "the hypervisor took more than {steal_ppm} of the measured cores' time (beyond the 10 ms \
         that the kernel's counter resolves)",
        "all",
        QUIETER,
    )),
    of_ours(gate(
        (Unfit, "unfit"),
        Trial,
        "the machine is not what the profile takes it for: a quota of CPU time below that of the \
         measured cores; in a profile for publication also a core that server and generator share, \
         or one of the server that is the same physical one as another role's",
        "all",
        Some("choose a profile that fits this machine; `httpdyno doctor` says which"),
    )),
    of_ours(gate(
        (Foreign, "foreign"),
        Trial,
        "on the cores of a role, more than {foreign_ppm} of the time went to others: busy time \
         without what server, generator, database and idle guard account for (beyond the 30 ms a \
         core that the kernel's counters do not resolve). The message names the busiest programs",
        "server's and database's cores: all; generator's: as `generator-delay`",
        QUIETER,
    )),
    gate(
        (Audit, "audit"),
        Server,
        "a response under load that was judged by the full rule is wrong, or a canary was answered \
         as if something were there (see \"Check first\")",
        "all",
        SEE_ITS_ANSWERS,
    ),
    gate(
        (Confinement, "confinement"),
        Server,
        "the server left its cores or its control group, took a higher scheduling class or a lower \
         niceness than it was given, or somebody who does not descend from it holds a socket of its \
         address",
        "all",
        None,
    ),
    gate(
        (CostFloor, "cost-floor"),
        Row,
        "the server used less CPU time per response than the null server at the same point of the \
         same block: not all that works for it was seen",
        "cost",
        None,
    ),
    gate(
        (Statements, "statements"),
        Server,
        "the database executed fewer statements in the window than the responses take, or these \
         returned and changed fewer rows, by more than a tenth (see \"The database\")",
        "all",
        None,
    ),
    gate(
        (Pool, "pool"),
        Server,
        "the server had more connections to the database than it was offered",
        "all",
        None,
    ),
    gate(
        (FailedTrial, "failed-trial"),
        Decision,
        "the server did not start, did not verify or ended in a trial",
        "all",
        None,
    ),
    gate(
        (Blocks, "blocks"),
        Decision,
        "a kind of figure is valid in less than 80 % of the blocks of its point",
        "that kind",
        None,
    ),
    gate(
        (Drift, "drift"),
        Run,
        "the 95 % interval of the change of the null server's (else all) rates from first to last \
         block lies wholly beyond {drift_ppm}",
        "absolute rates (a warning)",
        None,
    ),
];

const fn gate(
    (gate, id): (Gate, &'static str),
    scope: Scope,
    fails_when: &'static str,
    voids: &'static str,
    remedy: Option<&'static str>,
) -> Facts {
    Facts { gate, id, scope, fails_when, voids, remedy, is_ours: false }
}

const fn of_ours(facts: Facts) -> Facts {
    Facts { is_ours: true, ..facts }
}
