"""Pinstripe, a local server that answers like the Stripe API, started and steered from Python.

    from pinstripe_server import Server

    with Server("--fixtures", "@shop") as server:
        sandbox = server.sandbox()
        client = sandbox.client()                 # a stripe.StripeClient; or use sandbox.url and sandbox.key
        client.v1.customers.create({"email": "ada@example.com"})
        sandbox.advance(days=31)
        sandbox.events("customer.created")

With pytest the fixture `pinstripe` is a sandbox for each test, of a server for the session.
"""

import base64
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

__all__ = ["ControlError", "Sandbox", "Server", "program"]

# How long a server may take until it has loaded its fixtures.
_START_SECONDS = 60
_NAME = re.compile(r"[A-Za-z0-9-]{1,40}")
# What is on this machine is reached without the proxy that the environment may name.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class ControlError(Exception):
    """A call that the server refused, with its reason."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


def program():
    """The path of the program that came with this package."""
    folders = [sysconfig.get_path("scripts"), os.path.dirname(sys.executable)]
    folders.append(sysconfig.get_path("scripts", sysconfig.get_preferred_scheme("user")))
    found = shutil.which("pinstripe", path=os.pathsep.join(folders)) or shutil.which("pinstripe")
    if found is None:
        raise FileNotFoundError("the program pinstripe is neither beside this Python nor on the PATH")
    return found


class Server:
    """A server: one that is started on a free port with some flags of `pinstripe`, or one that runs at a `url`.

    It is stopped at the end of a `with`, or by `stop()`, if it was started here.
    """

    def __init__(self, *flags, url=None):
        self.url = url
        self._process = None
        if url is None:
            self._start(flags)
        else:
            self.url = url.rstrip("/")

    def _start(self, flags):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PINSTRIPE_")}
        with tempfile.TemporaryFile() as output:
            command = [program(), "--port", "0", *flags]
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment)
            end = time.monotonic() + _START_SECONDS
            while self.url is None:
                output.seek(0)
                said = output.read().decode("utf-8", "replace")
                if self._process.poll() is not None:
                    raise RuntimeError(f"the server did not start: {said.strip()}")
                if time.monotonic() > end:
                    self.stop()
                    raise TimeoutError(f"the server was not ready within {_START_SECONDS} seconds: {said.strip()}")
                # It says where it listens once everything is loaded.
                found = re.search(r"http://127\.0\.0\.1:\d+(?=\s)", said)
                self.url = found and found.group()
                if self.url is None:
                    time.sleep(0.01)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Stops the server, if it was started here."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def sandbox(self, name=None):
        """The sandbox of this name, or a new one: 1 to 40 of A-Z, a-z, 0-9 and the hyphen."""
        return Sandbox(self.url, name or f"py-{uuid.uuid4().hex}")


class Sandbox:
    """A world of its own on a server: `key` selects it, and nobody with another key sees what is in it."""

    def __init__(self, url, name):
        if not _NAME.fullmatch(name):
            raise ValueError(f"a sandbox can't be called {name!r}: 1 to 40 of A-Z, a-z, 0-9 and the hyphen")
        self.url = url
        self.name = name
        self.key = f"sk_test_sandbox_{name}"
        self.publishable_key = f"pk_test_sandbox_{name}"

    def __repr__(self):
        return f"<Sandbox {self.name} at {self.url}>"

    def client(self, **options):
        """A `stripe.StripeClient` of this sandbox; the options are those of its constructor."""
        import stripe

        addresses = dict.fromkeys(("api", "connect", "files", "meter_events"), self.url)
        return stripe.StripeClient(self.key, base_addresses=addresses, **options)

    def advance(self, seconds=0, *, days=0, hours=0, minutes=0):
        """Lets time pass; `advance("next")` goes on to the next thing that is to happen. Returns when all that became due is done."""
        if seconds != "next":
            seconds = int(seconds + 60 * (minutes + 60 * (hours + 24 * days)))
        return self.control("POST", "clock", advance=seconds)

    def freeze(self, time="now"):
        """Stops the clock at a time in Unix seconds, or now."""
        return self.control("POST", "clock", freeze=time)

    def now(self):
        """The sandbox's time, in Unix seconds."""
        return self.control("GET", "clock")["now"]

    def trigger(self, event, id):
        """Makes an event happen to the object with this id, by the rules of the API. Returns the events that were emitted."""
        return self.control("POST", "trigger", event=event, id=id)["events"]

    def events(self, type=None):
        """The events of the sandbox, the first one first; only those of a type, such as `invoice.*`, if one is given."""
        found, after = [], {}
        while True:
            query = urllib.parse.urlencode({"limit": 100, **({"type": type} if type else {}), **after})
            page = self._send("GET", f"/v1/events?{query}", None, self.key)
            found += page["data"]
            if not page["has_more"]:
                return found[::-1]
            after = {"starting_after": page["data"][-1]["id"]}

    def collect_webhooks(self):
        """From now on webhooks are kept for `collected_webhooks` and not sent."""
        return self.control("POST", "webhooks/mode", mode="collect")

    def collected_webhooks(self, type=None):
        """What was kept: bodies with their signed headers, the first one first."""
        return self.control("GET", "webhooks/collected", **({"type": type} if type else {}))["collected"]

    def wait_for_webhooks(self, timeout=10):
        """Returns when every webhook that is due has arrived, or was given up."""
        return self.control("POST", "webhooks/wait", timeout=timeout)

    def load(self, preset):
        """Adds a preset such as `shop`, or a fixtures document (a dict or a list)."""
        if isinstance(preset, str):
            return self.control("POST", "fixtures", preset=preset)
        return self.control("POST", "fixtures", json.dumps(preset).encode())

    def reset(self):
        """Back to what the sandbox began with."""
        return self.control("POST", "reset")

    def delete(self):
        """Deletes the sandbox, if it was used."""
        try:
            self._send("DELETE", f"/_pinstripe/sandboxes/{self.name}", None, None)
        except ControlError as error:
            if error.status != 404:
                raise

    def control(self, method, path, body=None, **parameters):
        """Any call of the control API: `control("GET", "requests", status="4xx")`; with `sandbox=None` one that is about no sandbox."""
        given = {"sandbox": self.name, **parameters}
        query = urllib.parse.urlencode({name: value for name, value in given.items() if value is not None})
        return self._send(method, f"/_pinstripe/{path}?{query}", body, None)

    def _send(self, method, path, body, key):
        request = urllib.request.Request(self.url + path, data=body, method=method)
        if key is not None:
            request.add_header("Authorization", "Basic " + base64.b64encode(f"{key}:".encode()).decode())
        if body is not None:
            request.add_header("Content-Type", "application/json")
        try:
            with _opener.open(request) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                said = error.read().decode("utf-8", "replace")
            try:
                said = json.loads(said)["error"]["message"]
            except (ValueError, KeyError, TypeError):
                said = said.strip() or str(error)
            raise ControlError(error.code, said) from None
