"""DIRAC's own configuration server is a slave of the node's master: it makes itself known, and takes what is new."""

import time
import zlib

import pytest

SLAVE = """
DIRAC
{{
  Configuration
  {{
    Name = Example
    MasterServer = {master}
    Servers = {master}
    PropagationTime = 1
  }}
}}
"""


@pytest.fixture(scope="module")
def client(proxy):
    from DIRAC.ConfigurationSystem.Client.ConfigurationClient import ConfigurationClient

    def at(url, group="dirac_admin"):
        return ConfigurationClient(url=url, proxyLocation=proxy("alice", group))

    return at


@pytest.fixture(scope="module")
def master(grid, client):
    return client(f"{grid.url}/Configuration/Server")


@pytest.fixture(scope="module")
def slave(grid, client):
    configuration = SLAVE.format(master=f"{grid.url}/Configuration/Server")
    url, process = grid.start_dirac("Configuration/Server", root="slave", configuration=configuration)
    yield client(f"{url}/Configuration/Server")
    process.kill()
    process.wait()


def text(server):
    return zlib.decompress(server.getCompressedData()["Value"]).decode()


def until(holds):
    give_up = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < give_up
        time.sleep(0.1)


def test_it_has_what_the_master_has_and_is_listed_there(master, slave):
    # DIRAC's server begins when it is asked for the first time.
    assert slave.ping()["OK"]
    until(lambda: slave.serverURL in text(master))
    until(lambda: slave.getVersion()["Value"] == master.getVersion()["Value"])
    assert text(slave) == text(master)


def test_it_takes_a_commit_at_the_master_and_none_of_its_own(master, slave):
    from diraccfg import CFG

    cfg = CFG()
    cfg.loadFromBuffer(text(master))
    cfg.createNewSection("OfSlaves")
    cfg["OfSlaves"].setOption("Colour", "grün")
    data = zlib.compress(str(cfg).encode(), 9)
    assert slave.writeEnabled()["Value"] is False
    assert not slave.commitNewData(data)["OK"]
    committed = master.commitNewData(data)
    assert committed["OK"], committed
    until(lambda: "Colour = grün" in text(slave))
