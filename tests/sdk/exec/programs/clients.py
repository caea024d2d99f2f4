"""The ways in which programs of Python call the API without an SDK."""

import os
import socket
import ssl
import sys
import urllib.request

if "gevent" in sys.argv:
    from gevent import monkey

    monkey.patch_all()

import httpx
import requests
import urllib3

key = os.environ["STRIPE_API_KEY"]
url = "https://api.stripe.com/v1/account"
bearer = {"Authorization": "Bearer " + key}
print("requests", requests.get(url, headers=bearer).status_code)
print("urllib3", urllib3.PoolManager(cert_reqs="CERT_REQUIRED").request("GET", url, headers=bearer).status)
print("urllib", urllib.request.urlopen(urllib.request.Request(url, headers=bearer)).status)
if "gevent" not in sys.argv:
    print("httpx", httpx.get(url, headers=bearer).status_code)
    address = (socket.gethostbyname("files.stripe.com"), 443)
    with socket.create_connection(address) as plain:
        with ssl.create_default_context().wrap_socket(plain, server_hostname="files.stripe.com") as secure:
            print("sockets", secure.version().startswith("TLS"))
