"""What is kept beside the objects has bounds: each scene fills one of them several times over, and looks at the memory.

    PINSTRIPE_BINARY=… python3 tests/limits/memory.py [SCENE...]

A scene prints by how much the resident memory grew, and what it may grow by: the bound with what holding it costs. It
fails, too, if the bound was not reached: if what was kept first is still there.
"""

import argparse
import http.client
import http.server
import json
import os
import sys
import threading
import time

from server import FORM, KEY, Server, ask, done, metadata

MIB = 1 << 20


def update(port, customer, times, headers=FORM):
    """Changes a customer with large metadata again and again; each change is an event with a version of its own."""
    change(port, ((customer, f"description={n}{metadata()}") for n in range(times)), headers)


def change(port, changes, headers=FORM):
    """Changes customers on one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    for one, form in changes:
        connection.request("POST", f"/v1/customers/{one}", form, headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, answer.status
    connection.close()


def customer(port, headers=FORM):
    return json.loads(done(port, "POST", "/v1/customers", "name=Large" + metadata(), headers))["id"]


def sandbox(name):
    """The headers of requests to a sandbox of its own."""
    return {**FORM, "Authorization": f"Bearer sk_test_sandbox_{name}"}


def shown(port, target):
    return json.loads(done(port, "GET", target, headers={}))


def grown(name, server, before, most, reached):
    by = server.resident() - before
    told = "" if reached else "; the bound was not reached"
    print(f"{name:12} grew by {by / MIB:6.0f} MiB, may grow by {most / MIB:6.0f} MiB{told}", flush=True)
    return by <= most and reached


def errors():
    """Requests whose errors repeat parameters of a megabyte, and as many as large as the log keeps them."""
    with Server("--log", "off") as server:
        before = server.resident()
        for n in range(600):
            status, _ = ask(server.port, "POST", "/v1/customers", "p" * 1_000_000 + f"{n}=1", FORM)
            assert status == 400, status
            status, _ = ask(server.port, "POST", f"/v1/customers?q{n}={'q' * 15_000}", f"b{n}={'b' * 15_000}", FORM)
            assert status == 400, status
        kept = len(shown(server.port, "/_pinstripe/requests?limit=1000")["requests"])
        print(f"{'':12} {kept} of 1,200 requests are kept")
        return grown("errors", server, before, 120 * MIB, kept < 1_000)


def events():
    """27 KB of metadata in each of 24,000 events, in one sandbox and then in others: the first gives room."""
    with Server("--log", "off") as server:
        port, places = server.port, [sandbox(f"s{n}") for n in range(4)]
        made = [customer(port, headers) for headers in places]
        first = json.loads(done(port, "GET", "/v1/events", headers=places[0]))["data"][0]["id"]
        before = server.resident()
        for _ in range(3):
            for one, headers in zip(made, places):
                update(port, one, 2_000, headers)
        status, _ = ask(port, "GET", f"/v1/events/{first}", headers=places[0])
        return grown("events", server, before, 400 * MIB, status == 404)


def collected():
    with Server("--log", "off", "--webhook-mode", "collect", "--webhook-url", "http://127.0.0.1:9/") as server:
        made = customer(server.port)
        before = server.resident()
        update(server.port, made, 12_000)
        dropped = shown(server.port, "/_pinstripe/webhooks")["collected"]["dropped"]
        return grown("collected", server, before, 400 * MIB, dropped > 0)


def queues():
    """Receivers that are not there: what waits for them."""
    urls = [flag for n in range(4) for flag in ("--webhook-url", f"http://127.0.0.1:9/{n}")]
    with Server("--log", "off", *urls) as server:
        made = customer(server.port)
        before = server.resident()
        update(server.port, made, 12_000)
        dropped = [line["dropped"] for line in shown(server.port, "/_pinstripe/webhooks")["endpoints"]]
        return grown("queues", server, before, 450 * MIB, len(dropped) == 4 and all(dropped))


class Refusing(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(400)
        for n in range(40):
            self.send_header(f"x-{n}", "h" * 2_000)
        body = b"b" * 10_000
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def deliveries():
    """A receiver that refuses each event with much to say; the deliveries are set aside with their attempts."""
    receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{receiver.server_address[1]}/"
    with Server("--log", "off", "--webhook-url", url, "--webhook-retries", "1,1,1") as server:
        made = customer(server.port)
        before = server.resident()
        update(server.port, made, 4_000)
        ask(server.port, "POST", "/_pinstripe/webhooks/wait?timeout=20", headers={})
        receiver.shutdown()
        forgotten = shown(server.port, "/_pinstripe/webhooks")["done"]["forgotten"]
        return grown("deliveries", server, before, 500 * MIB, forgotten > 0)


def idempotency():
    """Answers to idempotency keys in many sandboxes."""
    with Server("--log", "off") as server:
        before = server.resident()
        for headers in (sandbox(f"s{n}") for n in range(30)):
            made = customer(server.port, headers)
            for n in range(1_300):
                key = {**headers, "Idempotency-Key": f"k{n}"}
                done(server.port, "POST", f"/v1/customers/{made}", f"description={n}", key)
        # Other parameters than those of the first are refused as long as it is known.
        first = {**sandbox("s0"), "Idempotency-Key": "k0"}
        status, _ = ask(server.port, "POST", "/v1/customers", "description=other", first)
        return grown("idempotency", server, before, 700 * MIB, status == 200)


def files():
    with Server("--log", "off") as server:
        before, refused = server.resident(), 0
        content = "c" * (15 << 20)
        part = 'Content-Disposition: form-data; name="{}"{}\r\n\r\n{}\r\n'
        body = "".join(
            f"--b\r\n{part.format(*values)}"
            for values in [("purpose", "", "dispute_evidence"), ("file", '; filename="a.png"', content)]
        )
        headers = {**KEY, "Content-Type": "multipart/form-data; boundary=b"}
        for _ in range(40):
            status, text = ask(server.port, "POST", "/v1/files", body + "--b--\r\n", headers)
            refused += status == 503 and b"of files" in text
        print(f"{'':12} {refused} of 40 uploads of 15 MiB were refused")
        return grown("files", server, before, 800 * MIB, refused > 0)


def snapshots():
    """Snapshots between which everything changes."""
    with Server("--log", "off") as server:
        made = [customer(server.port) for _ in range(1_000)]
        before = server.resident()
        for n in range(80):
            done(server.port, "POST", f"/_pinstripe/snapshots/s{n}", "", {})
            change(server.port, ((one, f"description={n}{metadata(500 - n)}") for one in made))
        kept = len(shown(server.port, "/_pinstripe/snapshots")["snapshots"])
        print(f"{'':12} {kept} of 80 snapshots are kept")
        return grown("snapshots", server, before, 1_900 * MIB, kept < 80)


def fixtures():
    """Steps that read everything again and again, and later ones that refer to each answer."""
    large = {"metadata": {f"k{k}": "v" * 400 for k in range(50)}}
    steps = [{"path": "/v1/customers", "method": "post", "params": large} for _ in range(20)]
    for n in range(3_000):
        steps.append({"name": f"s{n}", "path": "/v1/customers", "method": "get", "params": {"limit": 20}})
    for n in range(3_000):
        steps.append({"path": "/v1/customers", "method": "post", "params": {"name": f"${{s{n}:data.[0].id}}"}})
    with Server("--log", "off") as server:
        before = server.resident()
        script = json.dumps({"fixtures": steps})
        status, text = ask(server.port, "POST", "/_pinstripe/fixtures", script, {"Content-Type": "application/json"})
        print(f"{'':12} {len(script) / MIB:.1f} MiB of script answered {status}")
        return grown("fixtures", server, before, 700 * MIB, status == 400 and b"answers" in text)


def answers():
    """An answer that would be larger than the limit is refused, and costs no more than it."""
    with Server("--log", "off") as server:
        port = server.port
        made = customer(port)
        for _ in range(10):
            done(port, "POST", f"/v1/customers/{made}/sources", "source=tok_visa" + metadata())
        for _ in range(100):
            confirmed = "&payment_method=pm_card_visa&confirm=true&payment_method_types[]=card"
            done(port, "POST", "/v1/payment_intents", f"amount=1000&currency=usd&customer={made}{confirmed}")
        before = server.resident()
        paths = ["customer", "latest_charge.customer", "latest_charge.payment_intent.customer"]
        expand = "".join(f"&expand[]=data.{path}.sources" for path in paths)
        status, text = ask(port, "GET", f"/v1/payment_intents?limit=100{expand}")
        assert status == 400 and b"would be larger than" in text, (status, len(text), text[:300])
        return grown("answers", server, before, 300 * MIB, True)


def objects():
    """Beyond --max-memory creations answer 503, and nothing else does."""
    with Server("--log", "off", "--max-memory", "200M") as server:
        port, status = server.port, 200
        while status == 200:
            status, text = ask(port, "POST", "/v1/customers", "name=Large" + metadata(), FORM)
        assert status == 503 and b"--max-memory" in text, (status, text)
        done(port, "GET", "/v1/customers")
        within = grown("objects", server, 0, 260 * MIB, True)
        done(port, "POST", "/_pinstripe/reset", "", {})
        for _ in range(100):
            status, _ = ask(port, "POST", "/v1/customers", "name=Small", FORM)
            if status == 200:
                return within
            time.sleep(0.1)
        print(f"{'':12} after a reset nothing is created")
        return False


SCENES = [errors, events, collected, queues, deliveries, idempotency, files, snapshots, fixtures, answers, objects]


def main():
    parser = argparse.ArgumentParser()
    names = [scene.__name__ for scene in SCENES]
    parser.add_argument("scenes", nargs="*", metavar="SCENE", help=", ".join(names))
    asked = parser.parse_args()
    unknown = set(asked.scenes) - set(names)
    if unknown:
        parser.error(f"there is no scene {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    failed = [scene.__name__ for scene in SCENES if (not asked.scenes or scene.__name__ in asked.scenes) and not scene()]
    if failed:
        sys.exit(f"too much memory: {', '.join(failed)}")


if __name__ == "__main__":
    main()
