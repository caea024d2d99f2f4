//! Errors about payment methods (cp 4).
