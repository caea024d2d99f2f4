//! A server in a container, for a test.

#[cfg(test)]
mod tests {
    use testcontainers::core::wait::HttpWaitStrategy;
    use testcontainers::core::{IntoContainerPort, WaitFor};
    use testcontainers::runners::SyncRunner;
    use testcontainers::GenericImage;

    #[test]
    fn a_customer_is_created() {
        let ready = HttpWaitStrategy::new("/healthz").with_port(12111.tcp()).with_expected_status_code(200_u16);
        let container = GenericImage::new("pinstripe", "latest")
            .with_exposed_port(12111.tcp())
            .with_wait_for(WaitFor::http(ready))
            .start()
            .unwrap();
        let host = container.get_host().unwrap();
        let port = container.get_host_port_ipv4(12111.tcp()).unwrap();
        // Or `stripe::Client::from_url(format!("http://{host}:{port}/"), "sk_test_sandbox_customers")`, of async-stripe.
        let made = ureq::post(format!("http://{host}:{port}/v1/customers"))
            .header("Authorization", "Bearer sk_test_sandbox_customers")
            .send_form([("email", "ada@example.com")])
            .unwrap()
            .body_mut()
            .read_to_string()
            .unwrap();
        assert!(made.contains("\"email\": \"ada@example.com\""), "{made}");
    }
}
