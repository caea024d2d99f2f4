"""The wheel in a clean environment: its command, its module, and the fixture of its plugin."""

import os
import subprocess
import sys

import pytest
from pinstripe_server import ControlError, Server, program

SEEN = []


def test_the_command_is_beside_the_interpreter():
    assert os.path.dirname(program()) == os.path.dirname(sys.executable)
    version = subprocess.run([program(), "--version"], check=True, capture_output=True, text=True).stdout
    assert version == f"pinstripe {os.environ['EXPECTED_VERSION']}\n"


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_a_sandbox_of_its_own(pinstripe, turn):
    stripe = pinstripe.client()
    assert stripe.v1.customers.list().data == []
    stripe.v1.customers.create({"name": f"Ada {turn}"})
    assert [customer.name for customer in stripe.v1.customers.list()] == [f"Ada {turn}"]
    SEEN.append(pinstripe.name)
    assert len(set(SEEN)) == turn


def test_a_server_that_the_environment_names_is_used(pinstripe):
    """`scripts/check-packages` runs this by itself under `pinstripe exec`, too, at a time of its own."""
    given = os.environ.get("PINSTRIPE_URL")
    assert given in (None, pinstripe.url)
    assert (pinstripe.now() == 1800000000) == (given is not None)


def test_sandboxes_are_gone_after_their_tests(pinstripe):
    names = str(pinstripe.control("GET", "sandboxes", sandbox=None))
    assert SEEN and not any(name in names for name in SEEN)


def test_time_passes_and_a_subscription_renews(pinstripe):
    stripe = pinstripe.client()
    customer = stripe.v1.customers.create({"email": "ada@example.com", "source": "tok_visa"})
    plan = {"currency": "usd", "unit_amount": 900, "recurring": {"interval": "month"}, "product_data": {"name": "Plan"}}
    price = stripe.v1.prices.create(plan)
    subscription = stripe.v1.subscriptions.create({"customer": customer.id, "items": [{"price": price.id}]})
    began = pinstripe.now()
    pinstripe.advance(days=32)
    assert began + 32 * 86400 <= pinstripe.now() <= began + 32 * 86400 + 60
    paid = pinstripe.events("invoice.paid")
    assert len(paid) == 2 and paid[0]["created"] < paid[1]["created"]

    # Of the next thing the day is that of the calendar: money becomes available at a midnight.
    before = pinstripe.now()
    pinstripe.advance("next")
    assert pinstripe.now() > before + 60
    triggered = pinstripe.trigger("customer.subscription.deleted", subscription.id)
    assert [event["type"] for event in triggered] == ["customer.subscription.deleted"]
    assert stripe.v1.subscriptions.retrieve(subscription.id).status == "canceled"


def test_webhooks_are_kept_for_the_test(pinstripe):
    stripe = pinstripe.client()
    pinstripe.collect_webhooks()
    stripe.v1.customers.create({})
    stripe.v1.products.create({"name": "Tea"})
    (kept,) = pinstripe.collected_webhooks("product.created")
    assert kept["type"] == "product.created"
    assert pinstripe.wait_for_webhooks()["done"]


def test_fixtures_are_loaded_and_a_reset_forgets_the_rest(pinstripe):
    stripe = pinstripe.client()
    pinstripe.load("shop")
    stripe.v1.customers.create({"name": "Jenny"})
    assert stripe.v1.customers.retrieve("cus_ShopAda").id == "cus_ShopAda"
    pinstripe.reset()
    assert "Jenny" not in [customer.name for customer in stripe.v1.customers.list()]


def test_many_events_come_in_their_order(pinstripe):
    stripe = pinstripe.client()
    for number in range(120):
        stripe.v1.customers.create({"name": str(number)})
    names = [event["data"]["object"]["name"] for event in pinstripe.events("customer.*")]
    assert names == [str(number) for number in range(120)]


def test_a_refused_call_says_why(pinstripe):
    with pytest.raises(ControlError, match="has no parameter `colour`") as refused:
        pinstripe.control("GET", "clock", colour="red")
    assert refused.value.status == 400
    with pytest.raises(ValueError, match="can't be called 'a b'"):
        Server(url=pinstripe.url).sandbox("a b")


def test_a_server_with_flags_ends_with_its_block(pinstripe):
    with Server("--fixtures", "@shop", "--clock", "frozen@1800000000") as server:
        assert server.url != pinstripe.url
        sandbox = server.sandbox("mine")
        assert sandbox.client().v1.customers.retrieve("cus_ShopAda").id == "cus_ShopAda"
        assert sandbox.now() == 1800000000
    with pytest.raises(OSError):
        sandbox.now()


def test_a_server_that_can_not_start_says_why():
    with pytest.raises(RuntimeError, match="the server did not start: .*--no-such-flag"):
        Server("--no-such-flag")
