"""Three servers behind nginx, as docs/scale.md has it: 300 sandboxes are spread by their names, everything of one finds one state,
and a server is drained while the others serve. Needs nginx; PINSTRIPE_BINARY names the program."""

import base64
import concurrent.futures
import http.server
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
EXAMPLE = os.path.join(ROOT, "examples", "scale")
NAMES = [f"team-{number}" for number in range(300)]
# Those for which every kind of call is made, not only the first ones.
SOME = NAMES[::15]
SECRET, PUBLISHABLE = "sk_test_123", "pk_test_123"
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Refused(Exception):
    """An answer that is no success."""

    def __init__(self, status, body):
        super().__init__(f"{status}: {body[:300]}")
        self.status = status


def call(method, url, form=None, key=None, basic=False, host=None):
    body = None if form is None else urllib.parse.urlencode(form).encode()
    request = urllib.request.Request(url, data=body, method=method)
    if key:
        proof = "Basic " + base64.b64encode(f"{key}:".encode()).decode() if basic else f"Bearer {key}"
        request.add_header("Authorization", proof)
    if host:
        request.add_header("Host", host)
    try:
        with _opener.open(request, timeout=60) as answer:
            body = answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            raise Refused(error.code, error.read().decode("utf-8", "replace")) from None
    return json.loads(body) if body.startswith(("{", "[")) else body


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Receiver(http.server.BaseHTTPRequestHandler):
    """Where webhooks arrive: notes the sandbox that each is of."""

    seen = []

    def do_POST(self):
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.seen.append((self.headers["Pinstripe-Sandbox"], event["type"]))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


class Farm:
    """Three servers and the proxy, and what was started for them."""

    def __init__(self, folder):
        self.folder, self.children, self.servers = folder, [], []
        port, mover, hold = free_port(), free_port(), free_port()
        self.proxy = f"http://127.0.0.1:{port}"
        for _ in range(3):
            self.start_server()
        with open(os.path.join(EXAMPLE, "nginx.conf"), encoding="utf-8") as file:
            settings = file.read()
        for documented, free in ((8080, port), (8081, mover), (8082, hold)):
            settings = settings.replace(f"127.0.0.1:{documented};", f"127.0.0.1:{free};")
        with open(os.path.join(folder, "nginx.conf"), "w", encoding="utf-8") as file:
            file.write(settings)
        os.mkdir(os.path.join(folder, "tmp"))
        os.environ.update(PINSTRIPE_MOVER=f"http://127.0.0.1:{mover}", PINSTRIPE_HOLD=f"127.0.0.1:{hold}")
        self.drain("--write", folder, *self.servers)
        # Started as root, it would have its workers run as somebody who can't enter this folder.
        mine = ["-g", "daemon off; user root;"] if os.getuid() == 0 else ["-g", "daemon off;"]
        os.environ["PATH"] += ":/usr/sbin"
        self.children.append(subprocess.Popen(["nginx", "-q", "-p", folder, "-c", "nginx.conf", *mine]))
        self.until(lambda: self.reached(port), "nginx does not listen")

    def start_server(self):
        log = os.path.join(self.folder, f"server-{len(self.servers)}.log")
        with open(log, "wb") as file:
            child = subprocess.Popen([os.environ["PINSTRIPE_BINARY"], "--port", "0"], stdout=file, stderr=file)
        self.children.append(child)
        found = []

        def says():
            with open(log, encoding="utf-8") as file:
                found[:] = re.findall(r"http://(127\.0\.0\.1:\d+)\s", file.read())
            return found

        self.until(says, "a server does not start")
        self.servers.append(found[0])

    @staticmethod
    def reached(port):
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", port)) == 0

    @staticmethod
    def until(true, otherwise):
        end = time.monotonic() + 20
        while not true():
            if time.monotonic() > end:
                raise TimeoutError(otherwise)
            time.sleep(0.02)

    def drain(self, *arguments):
        subprocess.run([sys.executable, os.path.join(EXAMPLE, "drain"), *arguments], check=True)

    def stop(self, child):
        child.send_signal(signal.SIGTERM)
        child.wait(15)
        self.children.remove(child)

    def held(self, server):
        listed = call("GET", f"http://{server}/_pinstripe/sandboxes")["sandboxes"]
        return {sandbox["sandbox"] for sandbox in listed} - {"default"}

    def at(self, name):
        return f"{self.proxy}/_sandbox/{name}"


def everyone(work, names):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        return dict(zip(names, pool.map(work, names)))


def each_is_one_state(farm, receiver):
    """Keys of every kind, the name in the host, a page, a wait for a webhook and control calls find the same sandbox."""

    def check(name):
        base = farm.at(name)
        made = call("POST", f"{base}/v1/customers", {"name": name, "source": "tok_visa"}, SECRET)
        assert call("GET", f"{base}/v1/customers/{made['id']}", key=SECRET, basic=True)["name"] == name
        listed = call("GET", f"{farm.proxy}/v1/customers", key=SECRET, host=f"{name}.localhost")["data"]
        assert made["id"] in [customer["id"] for customer in listed], listed

        card = {"card[number]": "4242424242424242", "card[exp_month]": 12, "card[exp_year]": 2040, "card[cvc]": 123}
        token = call("POST", f"{base}/v1/tokens", card, PUBLISHABLE)
        charge = call("POST", f"{base}/v1/charges", {"amount": 1000, "currency": "usd", "source": token["id"]}, SECRET)
        assert charge["paid"], charge

        wares = {"line_items[0][quantity]": 1, "line_items[0][price_data][currency]": "usd", "line_items[0][price_data][unit_amount]": 700}
        wares["line_items[0][price_data][product_data][name]"] = f"Tea of {name}"
        session = call("POST", f"{base}/v1/checkout/sessions", {"mode": "payment", "success_url": "http://localhost/done", **wares}, SECRET)
        assert session["url"].startswith(f"{base}/c/pay/"), session["url"]
        assert f"Tea of {name}" in call("GET", session["url"].split("#")[0])

        call("POST", f"{base}/v1/webhook_endpoints", {"url": receiver, "enabled_events[]": "product.created"}, SECRET)
        call("POST", f"{base}/v1/products", {"name": "Tea"}, SECRET)
        assert call("POST", f"{base}/_pinstripe/webhooks/wait")["done"]
        assert Receiver.seen.count((name, "product.created")) == 1, Receiver.seen
        before = call("GET", f"{base}/_pinstripe/clock")["now"]
        assert call("POST", f"{base}/_pinstripe/clock?advance=86400")["now"] >= before + 86400

    everyone(check, SOME)


def main():
    with tempfile.TemporaryDirectory() as folder:
        farm = None
        receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        try:
            farm = Farm(folder)
            made = everyone(lambda name: call("POST", f"{farm.at(name)}/v1/customers", {"email": f"{name}@example.com"}, SECRET)["id"], NAMES)
            spread = [farm.held(server) for server in farm.servers]
            assert sorted(name for names in spread for name in names) == sorted(NAMES), "a sandbox is at no server, or at two"
            assert min(len(names) for names in spread) > 60, [len(names) for names in spread]
            each_is_one_state(farm, f"http://127.0.0.1:{receiver.server_address[1]}/")
            drain_one(farm, made, spread)
            print(f"scale: {' + '.join(str(len(names)) for names in spread)} sandboxes, one state each, one server drained")
        finally:
            receiver.shutdown()
            for child in list(farm.children if farm else []):
                farm.stop(child)


def drain_one(farm, made, spread):
    """The others answer every call meanwhile; those that move ask again after a 503, and find what they left."""
    drained, stay, go = farm.servers[1], sorted(spread[0] | spread[2]), sorted(spread[1])
    over, served, waited = threading.Event(), [], []

    def serve(names, answers, patience):
        at = 0
        while not over.is_set():
            name = names[at % len(names)]
            at += 1
            try:
                found = call("GET", f"{farm.at(name)}/v1/customers/{made[name]}", key=SECRET)
                answers.append(found["email"] == f"{name}@example.com")
            except Refused as refused:
                answers.append(patience and refused.status == 503)
            except OSError:
                answers.append(False)

    crowd = [threading.Thread(target=serve, args=given) for given in ((stay, served, False), (go, waited, True))]
    for thread in crowd:
        thread.start()
    began = time.monotonic()
    farm.drain(farm.folder, drained, *farm.servers)
    took = time.monotonic() - began
    over.set()
    for thread in crowd:
        thread.join()
    assert len(served) > 20 and all(served), f"{served.count(False)} of {len(served)} calls to the others failed"
    assert waited and all(waited), f"{waited.count(False)} of {len(waited)} calls to those that moved failed"
    farm.stop(farm.children[1])
    found = everyone(lambda name: call("GET", f"{farm.at(name)}/v1/customers/{made[name]}", key=SECRET)["email"], NAMES)
    assert found == {name: f"{name}@example.com" for name in NAMES}
    left = farm.held(farm.servers[0]) | farm.held(farm.servers[2])
    assert left == set(NAMES), "a sandbox is lost"
    print(f"scale: {len(go)} sandboxes moved in {took:.1f} s, while {len(served)} calls to the others were answered")


main()
