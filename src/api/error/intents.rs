//! Errors about payment intents (ic 1).
