"""Files, as DIRAC's transfer clients send and receive them."""

import io
import os

import pytest


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "sent"
    path.write_bytes(os.urandom(300_000))
    return path


def test_a_file_there_and_back(calls, file, tmp_path):
    sent = calls().sendFile(str(file), "a file")
    assert (sent["OK"], sent["Value"]) == (True, 300_000)
    received = tmp_path / "received"
    assert calls().receiveFile(str(received), "a file", "")["OK"]
    assert received.read_bytes() == file.read_bytes()


def test_a_file_into_a_file_that_is_open(calls, file):
    calls().sendFile(str(file), "another file")
    into = io.BytesIO()
    assert calls().receiveFile(into, "another file", "")["OK"]
    assert into.getvalue() == file.read_bytes()


def test_an_empty_file(calls, tmp_path):
    empty = tmp_path / "empty"
    empty.touch()
    assert calls().sendFile(str(empty), "nothing")["Value"] == 0
    assert calls().receiveFile(str(tmp_path / "received"), "nothing", "")["OK"]
    assert (tmp_path / "received").read_bytes() == b""


def test_a_file_whose_reading_fails(calls, tmp_path):
    answer = calls().receiveFile(str(tmp_path / "received"), "never sent", "")
    assert not answer["OK"] and "500 Server Error" in answer["Message"]
