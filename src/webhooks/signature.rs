//! The `Stripe-Signature` of a delivery (platform 2.2).
//!
//! May use: hmac, sha2. Invariant: the signed bytes are exactly the bytes that are sent.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// The header for a body sent at `at` (Unix seconds). The key is the whole text `whsec_…`.
pub fn header(secret: &str, at: i64, body: &[u8]) -> String {
    let mut header = format!("t={at},v1=");
    // HMAC takes a key of any length.
    if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) {
        mac.update(at.to_string().as_bytes());
        mac.update(b".");
        mac.update(body);
        for byte in mac.finalize().into_bytes() {
            // Writing to a string cannot fail.
            let _ = write!(header, "{byte:02x}");
        }
    }
    header
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_signature_is_the_hmac_of_time_and_body() {
        // Computed with Python: hmac.new(b"whsec_test", b"1700000000.{}", "sha256").hexdigest()
        let expected = "t=1700000000,v1=35495024f4ef3f94e5a93e22221544c4b75e9a42300cd965ab81cb85cd994e91";
        assert_eq!(super::header("whsec_test", 1_700_000_000, b"{}"), expected);
    }
}
