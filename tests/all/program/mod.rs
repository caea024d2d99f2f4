//! The program as a process and as a library.

mod authority;
mod determinism;
mod exec;
mod library;
mod log_lines;
mod pull;
mod pull_wrong;
mod saving;
mod saving_places;
mod sockets;
mod start;
mod stderr;
mod stdio;
