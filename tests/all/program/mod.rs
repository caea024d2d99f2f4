//! The program as a process and as a library.

mod determinism;
mod exec;
mod library;
mod start;
