//! Errors about charges, refunds and the balance (cp 6, 8, 9).
