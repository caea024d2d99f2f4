# pip install testcontainers pytest stripe && pytest
import os

import pytest
import stripe
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import HttpWaitStrategy


@pytest.fixture(scope="session")
def address():
    image = DockerContainer(os.environ.get("PINSTRIPE_IMAGE", "pinstripe")).with_exposed_ports(12111)
    with image.waiting_for(HttpWaitStrategy(12111, "/healthz")) as container:
        yield f"http://{container.get_container_host_ip()}:{container.get_exposed_port(12111)}"


def test_a_customer_is_created(address):
    client = stripe.StripeClient("sk_test_sandbox_customers", base_addresses={"api": address, "files": address})
    customer = client.v1.customers.create({"email": "ada@example.com"})
    assert client.v1.customers.retrieve(customer.id).email == "ada@example.com"
