"""DIRAC's own programs live from a configuration server of the node: they read it, change it, and go back."""

import os
import subprocess
import sys
import zlib

import pytest


@pytest.fixture(scope="module")
def server(proxy):
    """The configuration server as somebody sees it: `server("alice", "dirac_admin")`."""
    from DIRAC.ConfigurationSystem.Client.ConfigurationClient import ConfigurationClient

    def client(name="alice", group="dirac_user"):
        return ConfigurationClient(url="Configuration/Server", proxyLocation=proxy(name, group))

    return client


def read(answer):
    from diraccfg import CFG

    assert answer["OK"], answer
    cfg = CFG()
    cfg.loadFromBuffer(zlib.decompress(answer["Value"]).decode())
    return cfg


def changed(cfg, **options):
    if "Example" not in cfg.listSections():
        cfg.createNewSection("Example")
    for name, value in options.items():
        cfg["Example"].setOption(name, value)
    return zlib.compress(str(cfg).encode(), 9)


def test_the_master_says_what_it_serves(server, grid):
    cfg = read(server().getCompressedData())
    own = cfg["DIRAC"]["Configuration"].getAsDict()
    url = f"{grid.url}/Configuration/Server"
    assert (own["Name"], own["MasterServer"], own["Servers"].split(", ")[0]) == ("Example", url, url)
    assert server().getVersion()["Value"] == own["Version"]
    assert server().writeEnabled()["Value"] is True


def test_only_a_newer_version_is_sent(server):
    version = server().getVersion()["Value"]
    same = server().getCompressedDataIfNewer(version)["Value"]
    assert same == {"newestVersion": version}
    newer = server().getCompressedDataIfNewer("0")["Value"]
    assert newer["newestVersion"] == version
    assert b"Version = " + version.encode() in zlib.decompress(newer["data"])


def test_who_may_commit(server):
    data = changed(read(server().getCompressedData()), Denied="yes")
    assert "No access" in server().commitNewData(data)["Message"]
    assert "Example" not in read(server().getCompressedData()).listSections()


def test_a_commit_is_the_next_version(server):
    admin = server(group="dirac_admin")
    before = admin.getVersion()["Value"]
    assert admin.commitNewData(changed(read(admin.getCompressedData()), Colour="red, green"))["OK"]
    cfg = read(server("bob").getCompressedData())
    assert cfg["Example"]["Colour"] == "red, green"
    version = admin.getVersion()["Value"]
    assert version > before
    assert admin.getCommitHistory(1)["Value"] == [["alice", version]]


def test_a_commit_of_an_old_version_is_refused(server):
    admin = server(group="dirac_admin")
    old = read(admin.getCompressedData())
    assert admin.commitNewData(changed(read(admin.getCompressedData()), Colour="blue"))["OK"]
    refused = admin.commitNewData(changed(old, Colour="black"))
    assert not refused["OK"] and "versions differ" in refused["Message"]
    assert read(admin.getCompressedData())["Example"]["Colour"] == "blue"


def test_versions_and_the_way_back(server):
    admin = server(group="dirac_admin")
    history = admin.getCommitHistory()["Value"]
    (contents,) = admin.getVersionContents([history[1][1]])["Value"]
    assert b"Colour = red" in zlib.decompress(contents)
    assert admin.rollbackToVersion(history[1][1])["OK"]
    assert read(admin.getCompressedData())["Example"]["Colour"] == "red, green"
    assert not admin.rollbackToVersion("2000-01-01 00:00:00.000000")["OK"]
    assert "No access" in server().getVersionContents([history[1][1]])["Message"]


def test_csapi_changes_the_registry(server, grid, proxy, monkeypatch):
    from DIRAC import gConfig
    from DIRAC.ConfigurationSystem.Client.CSAPI import CSAPI

    monkeypatch.setenv("X509_USER_PROXY", proxy("alice", "dirac_admin"))
    gConfig.setOptionValue("/DIRAC/Configuration/MasterServer", f"{grid.url}/Configuration/Server")
    api = CSAPI()
    assert api.downloadCSData()["OK"]
    assert api.createSection("/Registry/Hosts")["OK"]
    assert api.addHost("new.example.org", {"DN": "/O=Example/CN=new.example.org", "Properties": "JobMonitor"})["OK"]
    committed = api.commit()
    assert committed["OK"], committed
    assert read(server().getCompressedData())["Registry"]["Hosts"]["new.example.org"]["Properties"] == "JobMonitor"


def test_the_refresher_of_a_program_takes_what_is_new(server, grid, proxy, monkeypatch):
    from DIRAC.ConfigurationSystem.Client.ConfigurationData import gConfigurationData
    from DIRAC.ConfigurationSystem.private.Refresher import gRefresher

    monkeypatch.setenv("X509_USER_PROXY", proxy("bob", "dirac_user"))
    monkeypatch.setattr(gConfigurationData, "remoteServerList", [f"{grid.url}/Configuration/Server"])
    gRefresher.enable()
    assert gRefresher.forceRefresh()["OK"]
    assert gConfigurationData.extractOptionFromCFG("/Example/Colour") == "red, green"
    assert gConfigurationData.getVersion() == server().getVersion()["Value"]


def test_a_modificator_commits_and_reads_its_change(server, grid):
    from DIRAC.ConfigurationSystem.private.Modificator import Modificator

    one, other = Modificator(server(group="dirac_admin"), "alice"), Modificator(server(), "alice")
    assert one.loadFromRemote()["OK"]
    one.setOptionValue("/Operations/Defaults/Greeting", "Grüße, one, two")
    committed = one.commit()
    assert committed["OK"], committed
    assert other.loadFromRemote()["OK"]
    assert other.getValue("/Operations/Defaults/Greeting") == "Grüße, one, two"


PROGRAM = """
import DIRAC
DIRAC.initialize(require_auth=False, log_level="FATAL")
from DIRAC import gConfig
print(gConfig.getValue("/Example/Colour", "nothing"))
print(gConfig.getValue("/DIRAC/Configuration/MasterServer", "nothing"))
"""


def test_a_program_that_knows_nothing_but_the_server(grid, proxy):
    configuration = grid.folder / "remote.cfg"
    url = f"{grid.url}/Configuration/Server"
    configuration.write_text(f"DIRAC\n{{\nConfiguration\n{{\nServers = {url}\n}}\n}}\n")
    more = {"DIRACSYSCONFIG": str(configuration), "X509_USER_PROXY": proxy("bob", "dirac_user")}
    environment = {**os.environ, **more, "HOME": str(grid.folder)}
    ran = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, env=environment)
    assert ran.stdout.split("\n")[:2] == ["red, green", url], ran.stderr


def test_our_client_reads_it_as_well(server, grid, proxy):
    credential = ["--cert", proxy("bob", "dirac_user"), "--trust", grid.certificates]
    answered = grid.dhn("call", "Configuration/Server", "getVersion", *credential)
    assert answered.strip() == server().getVersion()["Value"]
