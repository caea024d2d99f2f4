"""A server in a process of its own, and requests to it; nothing but Python's own library."""

import http.client
import os
import re
import subprocess
import time

KEY = {"Authorization": "Bearer sk_test_1"}
FORM = {**KEY, "Content-Type": "application/x-www-form-urlencoded"}


class Server:
    def __init__(self, *flags, stderr=subprocess.DEVNULL):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PINSTRIPE_")}
        command = [os.environ["PINSTRIPE_BINARY"], "--port", "0", *flags]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=stderr, stdin=subprocess.DEVNULL, env=environment
        )
        line = self.process.stdout.readline().decode()
        self.port = int(re.search(r"http://127\.0\.0\.1:(\d+)", line).group(1))
        while ask(self.port, "GET", "/healthz")[0] != 200:
            time.sleep(0.01)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def resident(self):
        """Bytes in memory."""
        with open(f"/proc/{self.process.pid}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1)) * 1024


def ask(port, method, target, body=None, headers=KEY, timeout=300):
    """The status and the text of an answer, on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(method, target, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def done(port, method, target, body=None, headers=FORM):
    """The text of an answer that must be 200."""
    status, text = ask(port, method, target, body, headers)
    assert status == 200, f"{method} {target}: {status} {text[:500]!r}"
    return text


def metadata(size=500, keys=50):
    """The largest metadata, as part of a form."""
    return "".join(f"&metadata[k{n}]={'v' * size}" for n in range(keys))
