"""DIRAC's own server with some services, as `tornado-start-all` starts it: `server.py <port> <root> <service>...`. Below
`<root>/etc` a configuration server keeps what it serves.

DIRAC runs on a fork of Tornado 5.1 in which the class of TLS streams can be chosen, and which knows newer Pythons. The
fork isn't on PyPI: what it changes for a server is done here to Tornado 5.1.1.
"""

import collections
import collections.abc
import os
import sys

collections.MutableMapping = collections.abc.MutableMapping

import tornado.iostream
import tornado.tcpserver

tornado.iostream.SSLIOStream.configure = lambda name: None

from tornado.httputil import HTTPServerRequest
from tornado_m2crypto.m2httputil import M2HTTPServerRequest
from tornado_m2crypto.m2iostream import M2IOStream
from tornado_m2crypto.m2netutil import m2_wrap_socket


class Stream(M2IOStream):
    def __init__(self, *args, **options):
        self.initialize(*args, **options)


tornado.tcpserver.SSLIOStream = Stream
tornado.tcpserver.ssl_wrap_socket = m2_wrap_socket
for name in ("get_ssl_certificate", "get_ssl_certificate_chain"):
    setattr(HTTPServerRequest, name, getattr(M2HTTPServerRequest, name))

os.environ["DIRAC_USE_TORNADO_IOLOOP"] = "yes"
sys.path.insert(0, os.path.dirname(__file__))

import DIRAC

DIRAC.rootPath = sys.argv[2]

DIRAC.initialize(require_auth=False, host_credentials=True, log_level=os.environ.get("LEVEL", "ERROR"))

from DIRAC.Core.Tornado.Server.TornadoServer import TornadoServer

from DIRAC.ConfigurationSystem.Client.ConfigurationData import gConfigurationData

gConfigurationData.backupsDir = os.path.join(DIRAC.rootPath, "etc", "csbackup")

TornadoServer(services=sys.argv[3:], port=int(sys.argv[1])).startTornado()
