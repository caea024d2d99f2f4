//! Connected accounts, and money between them and their platform.

mod accounts;
mod billing;
mod funds;
