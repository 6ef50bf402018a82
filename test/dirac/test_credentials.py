"""Who a caller is to the node: proxies, hosts, and hosts that speak for others."""

import errno

import pytest


def test_a_proxy_without_a_group_is_in_the_default_group(calls):
    assert calls("alice", None).whoami()["Value"]["group"] == "dirac_user"


def test_a_group_that_its_owner_is_not_in(calls):
    assert calls("bob", "dirac_admin").whoami()["Errno"] == errno.EACCES


def test_a_limited_proxy(calls):
    value = calls("alice", "dirac_user", limited=True).whoami()["Value"]
    assert value["isLimitedProxy"] is True and value["username"] == "alice"


def test_somebody_who_is_not_registered(calls):
    assert calls("mallory").whoami()["Errno"] == errno.EACCES
    assert calls("mallory").ping()["OK"]


def test_a_proxy_that_has_expired(calls, proxy):
    expired = proxy("bob", "dirac_user", lifetime=-60)
    assert calls(proxyLocation=expired).ping()["Errno"] == errno.EACCES


def test_a_proxy_of_dhn_cert(calls, grid):
    certificate, key = grid.pair("alice")
    file = grid.folder / "dhn.proxy"
    grid.dhn("cert", "proxy", file, "--cert", certificate, "--key", key, "--group", "dirac_admin")
    assert calls(proxyLocation=str(file)).whoami()["Value"]["group"] == "dirac_admin"


def test_a_proxy_of_a_proxy(calls, grid, proxy):
    from DIRAC.Core.Security.X509Chain import X509Chain

    chain = X509Chain()
    assert chain.loadProxyFromFile(proxy("alice", "dirac_admin"))["OK"]
    file = str(grid.folder / "second.proxy")
    assert chain.generateProxyToFile(file, 600)["OK"]
    value = calls(proxyLocation=file).whoami()["Value"]
    assert (value["username"], value["group"]) == ("alice", "dirac_admin")


def test_a_host(calls, grid):
    value = calls(host=True).whoami()["Value"]
    assert (value["DN"], value["username"], value["group"]) == (grid.dn("trusted"), "trusted", "hosts")
    assert value["isProxy"] is False


def test_a_trusted_host_speaks_for_a_user(calls, grid):
    value = calls(host=True, delegatedDN=grid.dn("bob"), delegatedGroup="dirac_user").whoami()["Value"]
    assert (value["DN"], value["username"], value["group"]) == (grid.dn("bob"), "bob", "dirac_user")


def test_extra_credentials_that_are_a_pair(calls, grid):
    client = calls(host=True, extraCredentials=(grid.dn("alice"), "dirac_admin"))
    assert client.administer()["Value"] == "administered"


def test_a_trusted_host_cannot_put_a_user_into_a_group_that_he_is_not_in(calls, grid):
    client = calls(host=True, delegatedDN=grid.dn("bob"), delegatedGroup="dirac_admin")
    assert client.whoami()["Errno"] == errno.EACCES


@pytest.mark.parametrize("who", ["a user", "a host without TrustedHost"])
def test_nobody_else_speaks_for_a_user(calls, grid, who, monkeypatch):
    if who == "a user":
        client = calls("alice", extraCredentials=(grid.dn("bob"), "dirac_user"))
        assert client.whoami()["Errno"] == errno.EACCES
        return
    for name, value in zip(("DIRAC_X509_HOST_CERT", "DIRAC_X509_HOST_KEY"), grid.pair("plain")):
        monkeypatch.setenv(name, value)
    client = calls(host=True, delegatedDN=grid.dn("bob"), delegatedGroup="dirac_user")
    assert client.whoami()["Errno"] == errno.EACCES
