"""What every service answers, and every type that travels."""

from datetime import date, datetime

import pytest


def test_ping(calls):
    answer = calls().ping()
    assert answer["OK"], answer
    value = answer["Value"]
    assert isinstance(value["time"], datetime)
    assert isinstance(value["service start time"], datetime)
    assert isinstance(value["service uptime"], int) and isinstance(value["host uptime"], int)
    assert value["name"] == "Test/Types"
    assert len(value["load"].split()) == 3
    assert set(value["cpu times"]) == {
        "user time",
        "system time",
        "children user time",
        "children system time",
        "elapsed real time",
    }


def test_whoami_of_a_proxy_with_a_group(calls, grid):
    value = calls("alice", "dirac_admin").whoami()["Value"]
    assert value["DN"] == value["identity"] == grid.dn("alice")
    assert (value["username"], value["group"]) == ("alice", "dirac_admin")
    assert value["isProxy"] is True and value["isLimitedProxy"] is False
    assert value["subject"].startswith(grid.dn("alice") + "/CN=")
    assert 0 < value["secondsLeft"] <= 3600
    assert "x509Chain" not in value


def test_a_service_named_by_its_url(calls, grid):
    assert calls(service=f"{grid.url}/Test/Types").add(2, 3)["Value"] == 5


def test_the_stub_of_a_call_can_be_played_back(calls):
    from DIRAC.Core.Tornado.Client.TornadoClient import executeRPCStub

    answer = calls().add(2, 3)
    assert answer["rpcStub"][1:] == ("add", [2, 3])
    assert executeRPCStub(answer["rpcStub"])["Value"] == 5


VALUES = {
    "a text": "text",
    "an empty text": "",
    "a text in Unicode": "Grüße, 世界 🚀 \u00a0\u2028 end",
    "a text with control characters": "tab\t, line\n, null\0, bell\a, delete\x7f",
    "an integer": 42,
    "a negative integer": -42,
    "an integer beyond 2 to the 53": 2**53 + 1,
    "an integer of 30 digits": 10**30 + 7,
    "a float": 1.5,
    "a float without a fraction": 100.0,
    "minus zero": -0.0,
    "a large float": 1e22,
    "a small float": 5e-324,
    "infinity": float("inf"),
    "minus infinity": float("-inf"),
    "true and false": [True, False],
    "nothing": None,
    "a datetime": datetime(2026, 11, 22, 10, 30, 15),
    "a date": date(2026, 11, 22),
    "bytes": b"\x00\x01\x7f\x80\xff",
    "empty bytes": b"",
    "a list in lists": [1, ["two", [3.0, [None]]]],
    "an empty list": [],
    "an empty dictionary": {},
    "a dictionary of dictionaries": {"a": {"b": [{"c": datetime(2026, 1, 1)}]}},
    "keys that are digits": {"10": 1, "9": 2, "b": 3, "1": 4},
    "keys of JavaScript's own": {"__proto__": 1, "constructor": 2, "toString": 3, "length": 4},
    "a long list": list(range(5000)),
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
def test_echo(calls, value):
    echoed = calls().echo(value)
    assert echoed["OK"], echoed
    assert same(echoed["Value"], value)


def test_echo_not_a_number(calls):
    value = calls().echo(float("nan"))["Value"]
    assert isinstance(value, float) and value != value


def test_a_tuple_becomes_a_list(calls):
    assert calls().echo((1, (2, 3)))["Value"] == [1, [2, 3]]


def test_keys_that_are_numbers_become_text(calls):
    assert calls().echo({7: "a", 2.5: "b", None: "c", True: "d"})["Value"] == {"7": "a", "2.5": "b", "null": "c", "true": "d"}


def test_every_type_that_a_service_sends(calls):
    value = calls().everything()["Value"]
    assert value.pop("nan") != value.get("nan")
    assert same(
        value,
        {
            "text": "Grüße, 世界 🚀",
            "integer": 7,
            "float": 7.0,
            "fraction": 0.5,
            "big": 12345678901234567890,
            "nothing": None,
            "truth": True,
            "moment": datetime(2026, 11, 22, 10, 30, 15),
            "day": date(2026, 11, 22),
            "bytes": b"\x00\x01\x7f\x80\xff",
            "list": [1, [2, [3]]],
            "infinity": float("inf"),
        },
    )


@pytest.mark.parametrize(
    "value, kind",
    [
        (1, "number"),
        (1.0, "Float"),
        (2**63, "bigint"),
        ("1", "string"),
        (datetime(2026, 1, 1), "Date"),
        (date(2026, 1, 1), "PlainDate"),
        (b"1", "Buffer"),
        ([1], "Array"),
        ({"a": 1}, "Object"),
        (None, "null"),
    ],
)
def test_the_type_that_a_service_gets(calls, value, kind):
    assert calls().kindOf(value)["Value"] == kind


def test_an_answer_large_enough_to_be_compressed(calls):
    assert calls().large(300_000)["Value"] == "x" * 300_000


def test_arguments_of_a_megabyte(calls):
    assert calls().echo("é" * 1_000_000)["Value"] == "é" * 1_000_000


def test_a_client_class_of_dirac_finds_the_service_by_its_name(calls, proxy):
    from DIRAC.Core.Base.Client import Client

    assert Client(url="Test/Types", proxyLocation=proxy("alice", "dirac_user")).add(2, 3)["Value"] == 5


def test_clients_in_many_threads_get_their_own_answers(calls):
    from concurrent.futures import ThreadPoolExecutor

    def add(number):
        return calls().add(number, 1000)["Value"] == number + 1000

    calls()
    with ThreadPoolExecutor(16) as threads:
        assert all(threads.map(add, range(200)))


def test_calls_on_one_connection_find_the_same_service(calls):
    client = calls()
    first = client.count()["Value"]
    assert [client.count()["Value"] for _ in range(3)] == [first + 1, first + 2, first + 3]


def same(one, other):
    """Equal in value, type and the order of keys."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return repr(one) == repr(other)
