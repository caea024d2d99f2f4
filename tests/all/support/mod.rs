//! What the tests share: the client and its checks, objects that many begin with, receivers, random requests.

pub(crate) mod client;
pub(crate) mod decisions;
pub(crate) mod dice;
pub(crate) mod flows;
pub(crate) mod pdf;
pub(crate) mod process;
pub(crate) mod property;
pub(crate) mod receiver;
pub(crate) mod shape;
