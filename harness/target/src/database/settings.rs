//! The server settings that every source is asked for, in one place.
//!
//! They are a constant here rather than a file under `spec/`: PostgreSQL itself is their reader
//! and validator, each goes to it unchanged as `-c name=value`, and every record holds the values
//! that were in force, so a reader of a result never needs this file.

/// Settings as PostgreSQL shows them (`SHOW name`), so that they can be compared with what is in
/// force.
///
/// Memory, WAL and commit settings follow what the published web-framework suites run with
/// (TechEmpower's `postgresql.conf`: 256 MB of buffers, `synchronous_commit` off, minimal WAL, no
/// TLS), so that results are about the same database.
pub const DECLARED: &[(&str, &str)] = &[
    // The tables are half a megabyte: everything is in memory, whatever the machine's defaults.
    ("shared_buffers", "256MB"),
    ("huge_pages", "off"),
    ("max_connections", "512"),
    ("ssl", "off"),
    // A commit does not wait for the disk: what is measured is the server under test. The data
    // stay consistent over a crash (fsync and full_page_writes are on), only the last few
    // commits could be lost, which no client here relies on.
    ("synchronous_commit", "off"),
    ("fsync", "on"),
    ("full_page_writes", "on"),
    ("wal_level", "minimal"),
    ("max_wal_senders", "0"),
    // No checkpoint in the middle of a trial: each reset makes one.
    ("max_wal_size", "4GB"),
    ("checkpoint_timeout", "30min"),
    ("autovacuum", "on"),
    // Compiling a plan for single-row statements costs more than it saves.
    ("jit", "off"),
];

/// What a private cluster is told besides; nothing here changes what is measured.
///
/// No shared memory outlives the cluster: it is mapped anonymously or lies in its folder. (The
/// postmaster keeps one System V segment of a few bytes as an interlock; `sweep` sees to it.)
pub(super) const PRIVATE: &[(&str, &str)] = &[
    ("listen_addresses", "127.0.0.1"),
    ("shared_memory_type", "mmap"),
    ("dynamic_shared_memory_type", "mmap"),
    ("unix_socket_permissions", "0700"),
    ("log_checkpoints", "off"),
];

/// The library that counts statements for the checks. It is loaded wherever it is installed, and
/// costs every entry the same.
pub(super) const STATEMENT_LIBRARY: &str = "pg_stat_statements";
