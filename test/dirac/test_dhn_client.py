"""Our own client at DIRAC's own server: `dhn call`, and `dhn/client` in a program."""

import json
import subprocess

import pytest

from grid import ROOT


@pytest.fixture
def call(grid, dirac, proxy):
    """`call("ping")` of alice's proxy at DIRAC's server; the exit code and what `--json` printed."""

    def run(method, *words, group="dirac_user", credential=None, options=()):
        cert, key = credential or (proxy("alice", group),) * 2
        command = ["node", ROOT / "dist" / "main.js", "call", f"{dirac}/Test/Types", method, *words, "--json"]
        options = ["--cert", cert, "--key", key, "--trust", grid.certificates, "--home", grid.home, *options]
        ran = subprocess.run([*map(str, command), *map(str, options)], capture_output=True, text=True)
        return ran.returncode, json.loads(ran.stdout)

    return run


def test_ping(call):
    code, answer = call("ping")
    assert (code, answer["OK"], answer["Value"]["version"], answer["Value"]["name"]) == (0, True, "9.1.22", "Test/Types")


def test_whoami(call, grid):
    value = call("whoami", group="dirac_admin")[1]["Value"]
    assert (value["DN"], value["username"], value["group"]) == (grid.dn("alice"), "alice", "dirac_admin")


def test_every_type(call):
    assert call("everything")[1]["Value"] == {
        "text": "Grüße, 世界 🚀",
        "integer": 7,
        "float": 7.0,
        "big": 12345678901234567890,
        "nothing": None,
        "moment": {"__dCls": "dt", "obj": "2026-11-22 10:30:15"},
        "day": {"__dCls": "date", "obj": "2026-11-22"},
        "bytes": {"__dCls": "b64", "obj": "AAF/gP8="},
        "list": [1, [2, [3]]],
        "10": 1,
        "9": 2,
    }


@pytest.mark.parametrize("word", ["1", "1.0", "12345678901234567890", '"ä"', '{"9": 1, "1": [null, true]}', "a word"])
def test_an_argument_there_and_back(call, word):
    value = call("echo", word)[1]["Value"]
    expected = word if word == "a word" else json.loads(word)
    assert json.dumps(value) == json.dumps(expected)


@pytest.mark.parametrize(
    "method, words, errno, said",
    [
        ("fail", ["no such job"], 0, "no such job"),
        ("crash", [], 0, "500 Server Error"),
        ("notThere", [], 38, "notThere is not implemented"),
        ("administer", [], 13, "No access to"),
    ],
)
def test_refusals(call, method, words, errno, said):
    code, answer = call(method, *words)
    assert (code, answer["OK"], answer["Errno"]) == (1, False, errno)
    assert said in answer["Message"]


def test_a_host_speaks_for_a_user(call, grid):
    options = ["--for", grid.dn("bob"), "--group", "dirac_user"]
    value = call("whoami", credential=grid.pair("trusted"), options=options)[1]["Value"]
    assert (value["DN"], value["username"], value["group"]) == (grid.dn("bob"), "bob", "dirac_user")


def test_a_certificate_chooses_its_group(call, grid):
    value = call("whoami", credential=grid.pair("alice"), options=["--group", "dirac_admin"])[1]["Value"]
    assert (value["username"], value["group"], value["isProxy"]) == ("alice", "dirac_admin", False)


def test_an_expired_proxy(call, proxy):
    expired = proxy("bob", "dirac_user", lifetime=-60)
    assert call("ping", credential=(expired, expired))[0] == 1


def test_a_program_with_files_a_compressed_answer_and_a_second_address(grid, dirac, proxy):
    program = [str(ROOT / "test" / "dirac" / "program.mjs"), dirac, proxy("alice", "dirac_user"), grid.certificates]
    ran = subprocess.run(["node", *map(str, program)], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout)
    stub = said.pop("stub")
    assert said == {"file": True, "large": 300_000, "second": True, "calls": 2, "again": 1, "untrusted": 0}

    from DIRAC.Core.Tornado.Client.TornadoClient import executeRPCStub

    # By its name, which DIRAC's client finds at the node.
    assert executeRPCStub(stub)["Value"] == 1
