"""What every service has: the dictionaries of DIRAC's own server and ours, key by key."""

import pytest


@pytest.fixture(scope="module")
def both(calls, grid, dirac):
    """The same client at DIRAC's server and at the node."""

    def clients(*caller, **options):
        return [calls(*caller, service=f"{server}/Test/Types", **options) for server in (dirac, grid.url)]

    return clients


def shape(value):
    """Types instead of values, with the order of keys."""
    if isinstance(value, dict):
        return [(key, shape(inner)) for key, inner in value.items()]
    return type(value).__name__


def test_ping(both):
    theirs, ours = [client.ping()["Value"] for client in both()]
    assert shape(theirs) == shape(ours)
    assert theirs["URL"].split("/")[3:] == ours["URL"].split("/")[3:] == ["Test", "Types"]
    assert ours["URL"] == both()[1].ping()["Value"]["URL"] == both()[1].serviceURL


CALLERS = {
    "a proxy with a group": (("alice", "dirac_admin"), {}),
    "a proxy without a group": (("alice", None), {}),
    "a limited proxy": (("alice", "dirac_user"), {"limited": True}),
    "a host": ((), {"host": True}),
    "a host for a user": ((), {"host": True, "delegatedDN": "bob", "delegatedGroup": "dirac_user"}),
    "a group that is asked for": (("alice", None), {"extraCredentials": "dirac_admin"}),
}


@pytest.mark.parametrize("caller, options", CALLERS.values(), ids=CALLERS.keys())
def test_whoami(both, grid, caller, options):
    if "delegatedDN" in options:
        options = {**options, "delegatedDN": grid.dn(options["delegatedDN"])}
    theirs, ours = [client.whoami() for client in both(*caller, **options)]
    assert theirs["OK"] and ours["OK"], (theirs, ours)
    assert abs(theirs["Value"].pop("secondsLeft") - ours["Value"].pop("secondsLeft")) < 60
    assert list(theirs["Value"].items()) == list(ours["Value"].items())


def test_whoami_of_somebody_who_is_not_registered(both):
    theirs, ours = [client.whoami() for client in both("mallory")]
    assert (theirs["OK"], theirs["Errno"]) == (ours["OK"], ours["Errno"]) == (False, 13)


@pytest.mark.parametrize("method, arguments", [("echo", ()), ("echo", (1, 2)), ("ping", (1,)), ("whoami", (1,))])
def test_a_wrong_count_of_arguments(both, method, arguments):
    theirs, ours = [getattr(client, method)(*arguments) for client in both()]
    assert theirs["Message"].startswith("500 Server Error: Internal Server Error for url")
    assert ours["Message"].startswith("500 Server Error: Internal Server Error for url")
