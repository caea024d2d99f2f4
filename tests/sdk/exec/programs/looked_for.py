"""A program that looks for modules before it loads them, beside a finder that asks all the others."""

import importlib.util
import sys


class Asking:
    asked = False

    def find_spec(self, name, path=None, target=None):
        if name != "ssl" or self.asked:
            return None
        self.asked = True
        return importlib.util.find_spec(name)


sys.meta_path.insert(1, Asking())
print("found", [name for name in ("socket", "ssl") if importlib.util.find_spec(name)])

import socket
import ssl

# Without certificates of its own, a program trusts nobody.
with socket.create_connection(("api.stripe.com", 443)) as plain:
    print("this machine", plain.getpeername()[0])
    with ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).wrap_socket(plain, server_hostname="api.stripe.com") as secure:
        print("trusted", secure.version().startswith("TLS"))
