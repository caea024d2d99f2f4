//! Errors about customers and their sources, tokens and Source objects (cp 3, 5).
