"""A node lives from DIRAC's own configuration server, and is a slave of it."""

import json
import shutil
import time
import zlib

import pytest


@pytest.fixture(scope="module")
def master(grid):
    """The address of DIRAC's own configuration server."""
    url, process = grid.start_dirac("Configuration/Server")
    yield f"{url}/Configuration/Server"
    process.kill()
    process.wait()


@pytest.fixture(scope="module")
def commit(master, proxy):
    """Adds a text to the configuration of the master."""
    from diraccfg import CFG
    from DIRAC.ConfigurationSystem.Client.ConfigurationClient import ConfigurationClient

    def add(text):
        server = ConfigurationClient(url=master, proxyLocation=proxy("alice", "dirac_admin"))
        cfg, added = CFG(), CFG()
        cfg.loadFromBuffer(zlib.decompress(server.getCompressedData()["Value"]).decode())
        added.loadFromBuffer(text)
        answer = server.commitNewData(zlib.compress(str(cfg.mergeWith(added)).encode(), 9))
        assert answer["OK"], answer
        return server

    return add


class Node:
    """A node that knows nobody but by the master's registry."""

    def __init__(self, grid, master):
        self.grid = grid
        self.home = grid.folder / "other"
        self("init")
        security = self.home / "etc" / "grid-security"
        shutil.copytree(grid.certificates, security / "certificates", dirs_exist_ok=True)
        for kind in ("hostcert.pem", "hostkey.pem"):
            shutil.copy(grid.folder / "trusted" / kind, security / kind)
        grid.credential(self.home, "org_diligentproject_configuration.pem")
        options = f"Name = Real\nServers = {master}\nRefreshTime = 1\nPropagationTime = 1\n"
        with open(self.home / "etc" / "dhn.cfg", "a") as file:
            file.write("DIRAC {\nConfiguration {\n" + options + "}\n}\n")

    def __call__(self, *words):
        return self.grid.dhn(*words, home=self.home)

    def options(self, path):
        return {each["path"]: each["value"] for each in json.loads(self("config", "show", path, "--json"))}


@pytest.fixture(scope="module")
def node(grid, master, commit):
    node = Node(grid, master)
    commit(grid.registry())
    try:
        node.url = json.loads(node("start", "--detach", "--port", "0", "--json"))["addresses"][0]
        yield node
    finally:
        node("stop")


def until(holds):
    give_up = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < give_up
        time.sleep(0.1)


def test_a_node_has_the_registry_of_the_server_from_its_start(node, grid):
    assert node.options("/Registry")["/Registry/Users/alice/DN"] == grid.dn("alice")


def test_a_node_takes_what_is_new(node, commit):
    commit("Example\n{\n  Colour = green\n}\n")
    until(lambda: node.options("/Example") == {"/Example/Colour": "green"})


def test_a_slave_serves_what_the_master_has_and_is_listed_there(node, grid, master, commit, proxy):
    from DIRAC.ConfigurationSystem.Client.ConfigurationClient import ConfigurationClient

    server = commit("Example\n{\n  Colour = blue\n}\n")
    node("deploy", grid.folder / "archives" / "org_diligentproject_configuration.tar.gz")
    url = f"{node.url}/Configuration/Server"
    slave = ConfigurationClient(url=url, proxyLocation=proxy("alice", "dirac_user"))
    until(lambda: url.encode() in zlib.decompress(server.getCompressedData()["Value"]))
    until(lambda: slave.getVersion()["Value"] == server.getVersion()["Value"])
    texts = [zlib.decompress(each.getCompressedData()["Value"]) for each in (slave, server)]
    assert texts[0] == texts[1]
    assert slave.writeEnabled()["Value"] is False
    assert not ConfigurationClient(url=url, proxyLocation=proxy("alice", "dirac_admin")).commitNewData(b"")["OK"]
