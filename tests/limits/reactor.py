"""Whatever the server is asked to do, `/healthz` answers at once.

Every scene keeps a server busy in its own way for as long as 200 probes take, twenty a second, each on a new connection:
199 of them must be answered within 100 ms, and none later than 300 ms. While a sandbox's clock advances (`advance`), so must
reads and writes in that very sandbox, half of them within 20 ms.

    PINSTRIPE_BINARY=… python3 tests/limits/reactor.py [SCENE...] [--objects N]

`--objects` is how many objects are exported and imported (100,000).
"""

import argparse
import json
import multiprocessing
import os
import socket
import subprocess
import sys
import time

from server import FORM, KEY, Server, ask, done, metadata

PROBES, PAUSE = 200, 0.05
SOON, LATE = 0.1, 0.3


def busy(work, *arguments, times=1):
    """Processes that do a thing again and again until they are ended."""
    helpers = [multiprocessing.Process(target=again, args=(work, *arguments), daemon=True) for _ in range(times)]
    for helper in helpers:
        helper.start()
    return helpers


def again(work, *arguments):
    # The server is measured, not how the processors are shared with its many clients: these take whatever it leaves.
    os.nice(5)
    while True:
        work(*arguments)


def write(port):
    """Some writes on one connection."""
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    for _ in range(100):
        connection.request("POST", "/v1/customers", "email=a@example.com", FORM)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, answer.status
    connection.close()


def read(port, target, most):
    """Reads an answer, and lets the processor rest a little: two cores serve eight readers and the server."""
    status, text = ask(port, "GET", target)
    assert status == 200 and len(text) > most, (status, len(text))


def load(port, script):
    done(port, "POST", "/_pinstripe/fixtures?sandbox=default", script, {"Content-Type": "application/json"})


def carry(port):
    """An export, and its import into another sandbox."""
    state = done(port, "GET", "/_pinstripe/state", headers={})
    done(port, "PUT", "/_pinstripe/state?sandbox=other", state, {})


def probe(port, method="GET", target="/healthz"):
    """The seconds that each probe took."""
    seconds, begun = [], time.monotonic()
    for n in range(PROBES):
        time.sleep(max(0, begun + n * PAUSE - time.monotonic()))
        sent = time.monotonic()
        status, _ = ask(port, method, target, timeout=60)
        assert status == 200, status
        seconds.append(time.monotonic() - sent)
    return sorted(seconds)


def measured(name, server, helpers):
    seconds = probe(server.port)
    ended(name, server, helpers)
    return in_time(name, seconds)


def ended(name, server, helpers):
    """Ends what kept a server busy, which it did until now."""
    for helper in helpers:
        assert helper.is_alive(), f"{name}: what kept the server busy ended with {helper.exitcode}"
        helper.kill()
        helper.join()
    assert server.process.poll() is None, f"{name}: the server ended"


def in_time(name, seconds):
    soon = sum(second <= SOON for second in seconds)
    print(
        f"{name:10} {soon} of {PROBES} probes within {SOON * 1000:.0f} ms;"
        f" half within {seconds[PROBES // 2] * 1000:.1f} ms, the last took {seconds[-1] * 1000:.0f} ms",
        flush=True,
    )
    return soon >= PROBES - 1 and seconds[-1] <= LATE


def idle(_):
    with Server("--log", "off") as server:
        return measured("idle", server, [])


def fixtures(_):
    steps = [
        {"name": f"c{n}", "path": "/v1/customers", "method": "post", "params": {"name": f"Customer {n}"}}
        for n in range(5_000)
    ]
    with Server("--log", "off") as server:
        helpers = busy(write, server.port, times=8) + busy(load, server.port, json.dumps({"fixtures": steps}))
        return measured("fixtures", server, helpers)


def answers(_):
    with Server("--log", "off") as server:
        port = server.port
        customer = json.loads(done(port, "POST", "/v1/customers", "name=Large" + metadata()))["id"]
        for _ in range(10):
            done(port, "POST", f"/v1/customers/{customer}/sources", "source=tok_visa" + metadata())
        for _ in range(100):
            confirmed = "&payment_method=pm_card_visa&confirm=true&payment_method_types[]=card"
            done(port, "POST", "/v1/payment_intents", f"amount=1000&currency=usd&customer={customer}{confirmed}")
        expand = "&expand[]=data.customer.sources&expand[]=data.latest_charge.customer.sources"
        target = f"/v1/payment_intents?limit=100{expand}"
        helpers = busy(read, port, target, 50_000_000, times=8)
        return measured("answers", server, helpers)


def state(asked):
    with Server("--log", "off") as server:
        port = server.port
        customer = json.loads(done(port, "POST", "/v1/customers", "email=a@example.com&name=Jenny"))
        objects = [{**customer, "id": f"cus_{n:014}"} for n in range(asked.objects)]
        done(port, "PUT", "/_pinstripe/state", json.dumps(objects), {})
        exported = len(done(port, "GET", "/_pinstripe/state", headers={}))
        print(f"           {asked.objects} objects are {exported >> 20} MiB")
        begun = time.monotonic()
        carry(port)
        print(f"           exported and imported in {time.monotonic() - begun:.1f} s", flush=True)
        helpers = busy(carry, port) + busy(write, port, times=2)
        return measured("state", server, helpers)


def receivers(_):
    mute = socket.create_server(("127.0.0.1", 0), backlog=1024)
    url = f"http://127.0.0.1:{mute.getsockname()[1]}/"
    flags = [flag for n in range(256) for flag in ("--webhook-url", f"{url}{n}")]
    with Server("--log", "off", "--webhook-timeout", "2", *flags) as server:
        return measured("receivers", server, busy(write, server.port))


def stderr(_):
    """Nobody reads what the server says, and it has much to say."""
    with Server(stderr=subprocess.PIPE) as server:
        fault = json.dumps({"effect": {"delay": [0, 1]}, "probability": 0.1})
        done(server.port, "POST", "/_pinstripe/faults", fault, {"Content-Type": "application/json"})
        return measured("stderr", server, busy(write, server.port, times=2))


def advance(_):
    """Subscriptions are renewed without end; whoever else uses the sandbox reads and writes between the slices."""
    with Server("--log", "off", "--clock", "frozen@1800000000") as server:
        port = server.port
        price = "currency=usd&unit_amount=700&recurring[interval]=week&product_data[name]=Gold"
        price = json.loads(done(port, "POST", "/v1/prices", price))["id"]
        for _ in range(100):
            customer = json.loads(done(port, "POST", "/v1/customers", "email=a@example.com"))["id"]
            card = json.loads(done(port, "POST", "/v1/payment_methods/pm_card_visa/attach", f"customer={customer}"))["id"]
            items = f"customer={customer}&items[0][price]={price}&default_payment_method={card}"
            done(port, "POST", "/v1/subscriptions", items)
        done(port, "POST", "/_pinstripe/snapshots/begun", headers={})
        helpers = busy(move, port)
        soon = True
        for name, method, target in [("reads", "GET", "/v1/balance"), ("writes", "POST", "/v1/customers")]:
            seconds = probe(port, method, target)
            soon = in_time(name, seconds) and seconds[PROBES // 2] <= 0.02 and soon
        ended("advance", server, helpers)
        return soon


def move(port):
    """A year in one call, from the same moment each time."""
    done(port, "POST", "/_pinstripe/snapshots/begun/restore", headers={})
    told = json.loads(done(port, "POST", "/_pinstripe/clock?advance=31536000", headers={}))
    assert told["done"] >= 1_000, told


SCENES = [idle, advance, fixtures, answers, state, receivers, stderr]


def main():
    parser = argparse.ArgumentParser()
    names = [scene.__name__ for scene in SCENES]
    parser.add_argument("scenes", nargs="*", metavar="SCENE", help=", ".join(names))
    parser.add_argument("--objects", type=int, default=100_000)
    asked = parser.parse_args()
    unknown = set(asked.scenes) - set(names)
    if unknown:
        parser.error(f"there is no scene {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    failed = [s.__name__ for s in SCENES if (not asked.scenes or s.__name__ in asked.scenes) and not s(asked)]
    if failed:
        sys.exit(f"too late: {', '.join(failed)}")


if __name__ == "__main__":
    os.chdir(os.path.dirname(os.path.abspath(__file__)))
    main()
