"""A DIRAC handler that was moved line by line (docs/dirac.md): `gar/locker`, at which DIRAC's client notices nothing."""

import errno
from datetime import datetime

import pytest


@pytest.fixture
def locker(calls):
    return lambda name="alice", **options: calls(name, service="Samples/Locker", **options)


def test_files_of_each_user_are_his_own(locker, grid, tmp_path):
    sent = tmp_path / "sent"
    sent.write_bytes(b"a secret of alice\0")
    assert locker().sendFile(str(sent), "secret.txt")["OK"]
    (listed,) = locker().listFiles()["Value"]
    assert (listed["name"], listed["size"]) == ("secret.txt", 18)
    assert isinstance(listed["changed"], datetime)
    assert locker("bob").listFiles()["Value"] == []
    received = tmp_path / "received"
    assert locker().receiveFile(str(received), "secret.txt", "")["OK"]
    assert received.read_bytes() == sent.read_bytes()
    assert locker().removeFile("secret.txt")["OK"]
    assert locker().removeFile("secret.txt")["Errno"] == errno.ENOENT


def test_a_status_of_the_handlers_own(locker, tmp_path):
    answer = locker().receiveFile(str(tmp_path / "received"), "not there", "")
    assert not answer["OK"] and "is not found" in answer["Message"]


def test_rules_of_the_class_and_of_a_method(locker):
    assert locker("mallory").listFiles()["Errno"] == errno.EACCES
    assert locker().lockers()["Errno"] == errno.EACCES
    assert locker(group="dirac_admin").lockers()["OK"]
