"""What our client may meet at a real DIRAC: the counterpart of `service/` in DIRAC's own words."""

from datetime import date, datetime

from DIRAC import S_ERROR, S_OK
from DIRAC.Core.Tornado.Server.TornadoService import TornadoService


class TypesHandler(TornadoService):
    files = {}

    auth_everything = ["all"]

    def export_everything(self):
        return S_OK(
            {
                "text": "Grüße, 世界 🚀",
                "integer": 7,
                "float": 7.0,
                "big": 12345678901234567890,
                "nothing": None,
                "moment": datetime(2026, 11, 22, 10, 30, 15),
                "day": date(2026, 11, 22),
                "bytes": b"\x00\x01\x7f\x80\xff",
                "list": [1, [2, [3]]],
                "10": 1,
                "9": 2,
            }
        )

    auth_fail = ["all"]

    def export_fail(self, message):
        return S_ERROR(message)

    auth_crash = ["all"]

    def export_crash(self):
        raise ValueError("a secret of the service")

    auth_large = ["all"]

    def export_large(self, length):
        return S_OK("x" * length)

    auth_administer = ["ServiceAdministrator"]

    def export_administer(self):
        return S_OK("administered")

    auth_streamFromClient = ["all"]

    def export_streamFromClient(self, name, _token, size, content):
        self.files[name] = content
        return S_OK(size)

    auth_streamToClient = ["all"]

    def export_streamToClient(self, name, *_):
        return self.files[name]
