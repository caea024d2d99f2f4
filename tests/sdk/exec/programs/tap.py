"""Singer's tap for Stripe, as a pipeline runs it: it says what there is, and some streams are read whole."""

import collections
import datetime
import json
import os
import pathlib
import subprocess
import sys
import urllib.request

TAP = [sys.executable, "-c", "import tap_stripe; tap_stripe.main()"]
SELECTED = ("customers", "charges", "invoices")


def called(path):
    headers = {"Authorization": f"Bearer {os.environ['STRIPE_API_KEY']}"}
    with urllib.request.urlopen(urllib.request.Request(f"https://api.stripe.com/v1/{path}", headers=headers)) as answer:
        return json.load(answer)


def listed(stream):
    after = ""
    while True:
        page = called(f"{stream}?limit=100&created[gte]={int(since.timestamp())}{after}")
        yield from (record["id"] for record in page["data"])
        if not page["has_more"]:
            return
        after = f"&starting_after={page['data'][-1]['id']}"


def tapped(*arguments):
    return subprocess.run([*TAP, "--config", "config.json", *arguments], check=True, stdout=subprocess.PIPE).stdout


since = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=60)
config = {"start_date": since.strftime("%Y-%m-%dT%H:%M:%SZ"), "account_id": called("account")["id"], "client_secret": os.environ["STRIPE_API_KEY"]}
pathlib.Path("config.json").write_text(json.dumps(config))

catalog = json.loads(tapped("--discover"))
print("streams", len(catalog["streams"]))
for stream in catalog["streams"]:
    [whole] = [entry["metadata"] for entry in stream["metadata"] if not entry["breadcrumb"]]
    whole["selected"] = stream["tap_stream_id"] in SELECTED
pathlib.Path("catalog.json").write_text(json.dumps(catalog))

found = collections.defaultdict(set)
for line in tapped("--catalog", "catalog.json").splitlines():
    message = json.loads(line)
    if message["type"] == "RECORD":
        found[message["stream"]].add(message["record"]["id"])
for name in SELECTED:
    # What is older and was changed since is found as well.
    there = set(listed(name))
    print(name, len(there) > 0, there - found[name])
