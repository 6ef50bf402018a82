"""DIRAC's configuration clients at `gar/configuration`: what they read, commit and go back to."""

import errno
import os
import subprocess
import sys
import zlib

import pytest

SERVICE = "Configuration/Server"


@pytest.fixture
def client(grid, proxy):
    """DIRAC's client of the configuration service, with its JSON patch: `client("alice")` may commit, `client("bob")` may not."""
    from DIRAC.ConfigurationSystem.Client.ConfigurationClient import ConfigurationClient

    def make(name="alice"):
        group = "dirac_admin" if name == "alice" else "dirac_user"
        return ConfigurationClient(proxyLocation=proxy(name, group))

    return make


@pytest.fixture
def modificator(client):
    """What DIRAC changes a configuration with, on the newest version."""
    from DIRAC.ConfigurationSystem.private.Modificator import Modificator

    def make(name="alice"):
        made = Modificator(client(name), name)
        assert made.loadFromRemote()["OK"]
        return made

    return make


def test_the_version_and_the_data_of_a_master(client):
    assert client().writeEnabled()["Value"] is True
    version = client().getVersion()["Value"]
    text = zlib.decompress(client().getCompressedData()["Value"]).decode()
    assert version in text and "Name = Example" in text


def test_data_only_for_who_has_an_older_version(client):
    version = client().getVersion()["Value"]
    newer = client().getCompressedDataIfNewer("0")["Value"]
    assert newer["newestVersion"] == version and zlib.decompress(newer["data"])
    assert client().getCompressedDataIfNewer(version)["Value"] == {"newestVersion": version}


def test_a_commit_is_the_next_version(client, modificator):
    before = client().getVersion()["Value"]
    changes = modificator()
    changes.setOptionValue("/Operations/Defaults/Greeting", "Grüße, one, two")
    committed = changes.commit()
    assert committed["OK"], committed
    assert client().getVersion()["Value"] > before
    assert modificator().getValue("/Operations/Defaults/Greeting") == "Grüße, one, two"


def test_the_history_names_the_committer(client, modificator, grid):
    changes = modificator()
    changes.setOptionValue("/Operations/Defaults/Counted", "1")
    assert changes.commit()["OK"]
    committer, version = client().getCommitHistory(1)["Value"][0]
    assert "alice" in committer and version == client().getVersion()["Value"]
    contents = client().getVersionContents([version])["Value"]
    assert "Counted = 1" in zlib.decompress(contents[0]).decode()


def test_a_version_is_gone_back_to(client, modificator):
    version = client().getVersion()["Value"]
    changes = modificator()
    changes.setOptionValue("/Operations/Defaults/Regretted", "yes")
    assert changes.commit()["OK"]
    assert client().rollbackToVersion(version)["OK"]
    assert client().getVersion()["Value"] > version
    assert modificator().getValue("/Operations/Defaults/Regretted") is None


def test_who_is_no_administrator_may_read_and_not_commit(client, modificator):
    assert client("bob").getVersion()["OK"]
    changes = modificator("bob")
    changes.setOptionValue("/Operations/Defaults/Bob", "was here")
    assert changes.commit()["Errno"] == errno.EACCES
    assert client("bob").rollbackToVersion(client().getVersion()["Value"])["Errno"] == errno.EACCES
    assert modificator().getValue("/Operations/Defaults/Bob") is None


def test_of_two_commits_on_one_version_the_second_is_refused(client, modificator):
    one, other = modificator(), modificator()
    one.setOptionValue("/Operations/Defaults/First", "1")
    other.setOptionValue("/Operations/Defaults/Second", "2")
    assert one.commit()["OK"]
    assert not other.commit()["OK"]
    assert modificator().getValue("/Operations/Defaults/Second") is None


PROGRAM = """
import DIRAC
DIRAC.initialize(require_auth=False, log_level="FATAL")
from DIRAC import gConfig
from DIRAC.ConfigurationSystem.Client.CSAPI import CSAPI
print(gConfig.getValue("/Operations/Defaults/ForAll", "nothing"))
print(gConfig.getValue("/DIRAC/Configuration/MasterServer", "nothing"))
"""


def test_a_program_of_dirac_lives_from_it(client, modificator, grid, proxy):
    changes = modificator()
    changes.setOptionValue("/Operations/Defaults/ForAll", "from the server")
    assert changes.commit()["OK"]
    configuration = grid.folder / "remote.cfg"
    configuration.write_text(f"DIRAC\n{{\nConfiguration\n{{\nServers = {grid.url}/{SERVICE}\n}}\n}}\n")
    environment = {
        **os.environ,
        "DIRACSYSCONFIG": str(configuration),
        "X509_USER_PROXY": proxy("bob", "dirac_user"),
        "HOME": str(grid.folder),
    }
    ran = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, env=environment)
    assert ran.stdout.split("\n")[:2] == ["from the server", f"{grid.url}/{SERVICE}"], ran.stderr


def test_our_client_reads_it_as_well(grid, client, proxy):
    answered = grid.dhn(
        *("call", SERVICE, "getVersion", "--cert", proxy("bob", "dirac_user"), "--trust", grid.certificates)
    )
    assert answered.strip() == client().getVersion()["Value"]
