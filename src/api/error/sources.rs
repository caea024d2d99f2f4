//! Errors about tokens and Source objects (cp 5).
