"""What a DIRAC client is told when a call isn't answered with S_OK."""

import errno

import pytest


def refused(answer, number=errno.EACCES):
    assert not answer["OK"], answer
    assert answer["Errno"] == number
    return answer["Message"]


def test_an_error(calls):
    answer = calls().fail("no such job")
    assert (answer["OK"], answer["Errno"], answer["Message"]) == (False, 0, "no such job")


def test_an_error_with_a_number(calls):
    answer = calls().failWithNumber(errno.ENOENT, "job 7")
    assert (answer["Errno"], answer["Message"]) == (errno.ENOENT, "No such file or directory ( 2 : job 7)")


def test_every_error_number_of_dirac(calls):
    from DIRAC.Core.Utilities.DErrno import cmpError
    from DIRACCommon.Core.Utilities.DErrno import dStrError

    client = calls()
    for number, text in dStrError.items():
        answer = client.failWithNumber(number, "job 7")
        assert cmpError(answer, number)
        assert answer["Message"] == f"{text} ( {number} : job 7)"


def test_a_method_that_throws_tells_nothing_of_it(calls):
    message = refused(calls().crash(), 0)
    assert "500 Server Error" in message
    assert "secret" not in message


def test_a_value_that_does_not_travel(calls):
    assert "500 Server Error" in refused(calls().unsendable(), 0)


def test_an_answer_that_is_no_return_structure(calls):
    answer = calls().bare()
    assert (answer["neither"], answer["nor"]) == ("S_OK", "S_ERROR")


def test_a_method_that_is_not_there(calls):
    assert refused(calls().notThere(), errno.ENOSYS).endswith("notThere is not implemented)")


def test_a_service_that_is_not_there(calls, grid):
    url = f"{grid.url}/Test/NotThere"
    assert f"{url} is not found" in refused(calls(service=url).ping(), 0)


def test_a_service_that_the_configuration_does_not_know(calls):
    assert not calls(service="Test/Unknown").ping()["OK"]


def test_nobody_listens(calls):
    assert "refused" in refused(calls(service="https://localhost:1/Test/Types").ping(), 0)


def test_another_url_is_called_after_one_that_nobody_listens_at(calls):
    client = calls(service="Test/Lost")
    # DIRAC's client gives back the first error of the two URLs and bans that one: the second call comes through.
    answers = [client.add(1, 1), client.add(1, 1)]
    assert answers[1]["Value"] == 2


@pytest.mark.parametrize(
    "method, allowed",
    [
        ("registered", {"user", "admin", "plain host", "trusted host"}),
        ("normal", {"user", "admin"}),
        ("administer", {"admin"}),
        ("trusted", {"trusted host"}),
        ("ofAdministrators", {"admin"}),
        ("ofNobody", set()),
    ],
)
def test_rule(calls, grid, method, allowed, monkeypatch):
    callers = {
        "user": calls("alice"),
        "admin": calls("alice", "dirac_admin"),
        "unregistered": calls("mallory"),
        "trusted host": calls(host=True),
    }
    answers = {who: client.executeRPC(method) for who, client in callers.items()}
    with monkeypatch.context() as patched:
        for name, value in zip(("DIRAC_X509_HOST_CERT", "DIRAC_X509_HOST_KEY"), grid.pair("plain")):
            patched.setenv(name, value)
        answers["plain host"] = calls(host=True).executeRPC(method)
    assert {who for who, answer in answers.items() if answer["OK"]} == allowed
    for who in answers.keys() - allowed:
        assert "No access to" in refused(answers[who])
