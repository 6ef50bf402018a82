"""What the checks start from: the grid, and DIRAC's own client with one credential or another."""

import os
import sys

import pytest

from grid import Grid


@pytest.fixture(scope="session")
def grid(request):
    grid = Grid()
    try:
        grid.start()
        # Read by DIRAC when it is imported first: no check imports it at its top.
        os.environ["DIRACSYSCONFIG"] = str(grid.configuration())
        for bundle in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
            os.environ.pop(bundle, None)  # would be believed instead of the trust directory
        os.environ["X509_CERT_DIR"] = str(grid.certificates)
        os.environ["DIRAC_X509_HOST_CERT"], os.environ["DIRAC_X509_HOST_KEY"] = grid.pair("trusted")
        import DIRAC

        DIRAC.initialize(require_auth=False, log_level="FATAL")
        yield grid
    finally:
        grid.stop()
        if request.session.testsfailed:
            print(f"\nwhat the node had to say is in {grid.home}/var/log", file=sys.__stderr__)
        else:
            grid.remove()


@pytest.fixture(scope="session")
def proxy(grid):
    """Makes a proxy as DIRAC makes it: `proxy("alice", "dirac_user")` is the file it is in."""
    from DIRAC.Core.Security.X509Chain import X509Chain

    def make(name, group=None, limited=False, lifetime=3600):
        certificate, key = grid.pair(name)
        chain = X509Chain()
        assert chain.loadChainFromFile(certificate)["OK"] and chain.loadKeyFromFile(key)["OK"]
        file = str(grid.folder / f"{name}-{group}-{'limited' if limited else 'full'}-{lifetime}.proxy")
        if not os.path.exists(file):
            made = chain.generateProxyToFile(file, lifetime, diracGroup=group, limited=limited)
            assert made["OK"], made["Message"]
        return file

    return make


@pytest.fixture(scope="session")
def calls(grid, proxy):
    """DIRAC's client: `calls("alice", group="dirac_admin").whoami()`, `calls(host=True)`."""
    from DIRAC.Core.Tornado.Client.TornadoClient import TornadoClient

    def client(name="alice", group="dirac_user", service="Test/Types", host=False, limited=False, **options):
        credential = {"useCertificates": True} if host else {"proxyLocation": proxy(name, group, limited)}
        return TornadoClient(service, **{**credential, **options})

    return client


@pytest.fixture(scope="session")
def dirac_server(grid):
    """DIRAC's own server: its address and its process."""
    url, process = grid.start_dirac()
    yield url, process
    process.terminate()
    process.wait(20)


@pytest.fixture(scope="session")
def dirac(dirac_server):
    """The address of DIRAC's own server."""
    return dirac_server[0]
