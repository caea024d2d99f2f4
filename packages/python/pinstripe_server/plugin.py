"""The pytest plugin: a server for the session, a sandbox for each test."""

import os
import re
import uuid

import pytest

from pinstripe_server import Server


def pytest_addoption(parser):
    parser.addini("pinstripe_flags", "flags of the server that tests share, such as --fixtures @shop", type="args")


@pytest.fixture(scope="session")
def pinstripe_server(request):
    """The server: that of PINSTRIPE_URL if the variable is set, as under `pinstripe exec`, else one that is started for the session."""
    url = os.environ.get("PINSTRIPE_URL")
    with Server(url=url) if url else Server(*request.config.getini("pinstripe_flags")) as server:
        yield server


@pytest.fixture
def pinstripe(pinstripe_server, request):
    """A sandbox that only this test sees, with what the server's fixtures hold."""
    test = re.sub(r"[^A-Za-z0-9]+", "-", request.node.name).strip("-")[:27].rstrip("-")
    sandbox = pinstripe_server.sandbox(f"{test or 'test'}-{uuid.uuid4().hex[:12]}")
    yield sandbox
    sandbox.delete()
