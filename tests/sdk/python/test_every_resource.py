"""Every method of every resource of the installed SDK is called once: none meets a wall that is not said to be one."""

import inspect
import json
import unittest
import urllib.request

import stripe

from support import URL, control

SANDBOX = "py-every-resource"


def services(node, path):
    """The services below one, with the path that leads to each; they are declared, and made when they are named."""
    yield path, node
    for name in getattr(type(node), "__annotations__", {}):
        yield from services(getattr(node, name), f"{path}.{name}")


def methods(service):
    for name, method in inspect.getmembers(service, inspect.ismethod):
        if not name.startswith("_") and not name.endswith("_async"):
            yield name, method


def arguments(method):
    """An id for each argument that the call cannot do without, and parameters for those that take a dictionary."""
    needed = [p for p in inspect.signature(method).parameters.values() if p.default is inspect.Parameter.empty]
    return [{} if parameter.name == "params" else "x_1" for parameter in needed]


class EveryResource(unittest.TestCase):
    maxDiff = None

    def test_every_method_of_every_resource_gets_an_answer_in_the_apis_words(self):
        control("reset", SANDBOX)
        with urllib.request.urlopen(f"{URL}/_pinstripe/coverage") as answer:
            rows = json.load(answer)["operations"]
        absent = sum(row["coverage"] == "absent" for row in rows)
        calls, refused, walls = 0, 0, []
        bases = dict.fromkeys(["api", "files", "meter_events"], URL)
        own = stripe.StripeClient(f"sk_test_sandbox_{SANDBOX}", base_addresses=bases, max_network_retries=0)
        roots = [services(own.v1, "v1"), services(own.v2, "v2")]
        for path, service in (found for root in roots for found in root):
            for name, method in methods(service):
                calls += 1
                try:
                    method(*arguments(method))
                except stripe.APIError as error:
                    refused += error.http_status == 501
                    if error.http_status != 501:
                        walls.append(f"{path}.{name}: {error.http_status} {error}")
                except stripe.StripeError as error:
                    if error.http_status is None or error.http_status >= 500:
                        walls.append(f"{path}.{name}: {error.http_status} {error}")
                except Exception as error:  # an answer that the SDK cannot read
                    walls.append(f"{path}.{name}: {error!r}")
        self.assertGreater(calls, 600, "the methods that were found")
        self.assertEqual(walls, [])
        self.assertLessEqual(refused, absent, "calls answered with 501, of operations that say so")
