"""A small grid for the checks: a CA, people, hosts and proxies, a node with a service, and the dirac.cfg that finds it."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DHN = ["node", str(ROOT / "dist" / "main.js")]

REGISTRY = """
Registry
{{
  DefaultGroup = dirac_user
  Users
  {{
    alice
    {{
      DN = {alice}
    }}
    bob
    {{
      DN = {bob}
    }}
  }}
  Groups
  {{
    dirac_user
    {{
      Users = alice, bob
      Properties = NormalUser
      VO = example
    }}
    dirac_admin
    {{
      Users = alice
      Properties = ServiceAdministrator, CSAdministrator, NormalUser
    }}
  }}
  Hosts
  {{
    trusted
    {{
      DN = {trusted}
      Properties = TrustedHost, CSAdministrator
    }}
    plain
    {{
      DN = {plain}
      Properties = JobMonitor
    }}
  }}
}}
"""

# The node is the master of a configuration.
MASTER = """
DIRAC
{
  Configuration
  {
    Master = yes
    Name = Test
  }
}
"""

DIRAC_CFG = """
DIRAC
{{
  VirtualOrganization = example
  Security
  {{
    UseServerCertificate = no
  }}
}}
Systems
{{
  Test
  {{
    URLs
    {{
      Types = {url}/Test/Types
      Lost = https://localhost:1/Test/Types, {url}/Test/Types
    }}
  }}
  Samples
  {{
    URLs
    {{
      Locker = {url}/Samples/Locker
    }}
  }}
  Configuration
  {{
    URLs
    {{
      Server = {url}/Configuration/Server
    }}
  }}
}}
"""


SERVER_CFG = """
DIRAC
{
  Security
  {
    UseServerCertificate = yes
  }
}
Systems
{
  Test
  {
    Services
    {
      Types
      {
        Protocol = https
        HandlerPath = TypesHandler.py
      }
    }
  }
  Configuration
  {
    Services
    {
      Server
      {
        Protocol = https
        HandlerPath = DIRAC/ConfigurationSystem/Service/TornadoConfigurationHandler.py
        Authorization
        {
          Default = authenticated
          commitNewData = CSAdministrator
        }
      }
    }
  }
}
"""

# DIRAC's own server is the master of a configuration.
REAL_MASTER = """
DIRAC
{
  Configuration
  {
    Master = yes
    Name = Real
  }
}
"""


class Grid:
    def __init__(self, server_prefix=()):
        """`server_prefix`: words before the command of a server, such as `taskset -c 0`."""
        self.server_prefix = server_prefix
        self.folder = Path(tempfile.mkdtemp(prefix="dhn-test-dirac-"))
        self.home = self.folder / "home"
        self.certificates = self.folder / "ca" / "certificates"
        self._dns = {}

    def start(self):
        self.dhn("cert", "ca", self.folder / "ca")
        for name in ("alice", "bob", "mallory"):
            self.dhn("cert", "user", self.folder / name, name, "--ca", self.folder / "ca")
        # The host of the node calls as well: a trusted one, and one that is registered and no more.
        for name in ("trusted", "plain"):
            names = [f"{name}.example.org", "localhost", "127.0.0.1"]
            self.dhn("cert", "host", self.folder / name, *names, "--ca", self.folder / "ca")
        self.dhn("init")
        security = self.home / "etc" / "grid-security"
        shutil.copytree(self.certificates, security / "certificates", dirs_exist_ok=True)
        for kind in ("hostcert.pem", "hostkey.pem"):
            shutil.copy(self.folder / "trusted" / kind, security / kind)
        self.credential(self.home, "org_diligentproject_configuration/slaves.pem")
        with open(self.home / "etc" / "dhn.cfg", "a") as configuration:
            configuration.write(self.registry())
            configuration.write(MASTER)
        master = ["-o", "/DIRAC/Configuration/Master=yes", "-o", "/DIRAC/Configuration/Name=Example"]
        started = self.dhn("start", "--detach", "--port", "0", "--json", *master)
        self.url = json.loads(started)["addresses"][0]
        self.deploy(ROOT / "test" / "dirac" / "service")
        for sample in ("configuration", "locker"):
            self.deploy(ROOT / "gar" / sample, ROOT / "profiles" / f"{sample}.xml")

    def credential(self, home, file):
        """Gives a service of a node the host's certificate and key."""
        credential = home / "etc" / "credentials" / file
        credential.parent.mkdir(parents=True, exist_ok=True)
        credential.write_text("".join(Path(part).read_text() for part in self.pair("trusted")))
        credential.chmod(0o600)

    @property
    def pid(self):
        """The process of the node."""
        return json.loads(self.dhn("status", "--json"))["pid"]

    def deploy(self, folder, profile=None):
        out = self.folder / "archives"
        more = () if profile is None else ("--profile", profile)
        packed = json.loads(self.dhn("pack", folder, *more, "--out", out, "--json"))
        self.dhn("deploy", packed["archives"][1]["file"])

    def registry(self):
        return REGISTRY.format(**{name: self.dn(name) for name in ("alice", "bob", "trusted", "plain")})

    def start_dirac(self, *services, root="real", configuration=REAL_MASTER):
        """Starts DIRAC's own server with the same registry and host certificate; its address and process.

        It serves `Test/Types` unless others are named. `configuration` is merged with what all of them have; a
        configuration server keeps what it serves in the folder `root`.
        """
        folder = self.folder / root
        (folder / "etc").mkdir(parents=True, exist_ok=True)
        own, common = folder / "own.cfg", folder / "server.cfg"
        own.write_text(configuration)
        common.write_text(self.registry() + SERVER_CFG)
        certificate, key = self.pair("trusted")
        environment = {
            **os.environ,
            "DIRACSYSCONFIG": f"{own}, {common}",
            "X509_CERT_DIR": str(self.certificates),
            "DIRAC_X509_HOST_CERT": certificate,
            "DIRAC_X509_HOST_KEY": key,
        }
        with socket.socket() as free:
            free.bind(("", 0))
            port = free.getsockname()[1]
        with open(folder / "server.log", "w") as log:
            server = [str(ROOT / "test/dirac/real/server.py"), str(port), folder, *(services or ["Test/Types"])]
            program = [*self.server_prefix, sys.executable, *server]
            process = subprocess.Popen(program, env=environment, stdout=log, stderr=log)
        give_up = time.monotonic() + 60
        while time.monotonic() < give_up and process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return f"https://localhost:{port}", process
            time.sleep(0.1)
        raise RuntimeError(f"DIRAC's server did not start: {(folder / 'server.log').read_text()[-2000:]}")

    def configuration(self):
        """The dirac.cfg of a client of this node."""
        file = self.folder / "dirac.cfg"
        file.write_text(DIRAC_CFG.format(url=self.url))
        return file

    def stop(self):
        subprocess.run([*DHN, "stop", "--home", self.home], capture_output=True)

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def dn(self, name):
        """The name of a certificate as DIRAC writes it."""
        if name not in self._dns:
            certificate, _ = self.pair(name)
            self._dns[name] = json.loads(self.dhn("cert", "show", certificate, "--trust", self.certificates, "--json"))[
                "identity"
            ]
        return self._dns[name]

    def pair(self, name):
        folder = self.folder / name
        kind = "user" if (folder / "usercert.pem").exists() else "host"
        return str(folder / f"{kind}cert.pem"), str(folder / f"{kind}key.pem")

    def dhn(self, *words, home=None, **more):
        """Runs a command of dhn; what it printed."""
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "DHN_HOME": str(home or self.home)}
        prefix = self.server_prefix if words[0] == "start" else ()
        ran = subprocess.run([*prefix, *DHN, *map(str, words)], capture_output=True, text=True, env=environment, **more)
        assert ran.returncode == 0, f"dhn {words} ended with {ran.returncode}: {ran.stdout} {ran.stderr}"
        return ran.stdout
