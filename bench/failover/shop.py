"""The shop of the failover test: two web instances behind haproxy, and a worker."""

from bench.failover.machines import Machines
from bench.kill.killable_shop import KillableShop

WEB = ("web_one", "web_two")


class FailoverShop(KillableShop):
    """A shop with the environment of :meth:`Machines.settings`; the application here uses the primary directly."""

    def __init__(self, machines: Machines) -> None:
        super().__init__(machines.url("primary"))
        self.port = machines.ports["web"]
        self._ports = [machines.ports[name] for name in WEB]
        self._environment |= machines.settings() | {"WEB_CONCURRENCY": "1"}

    def start(self) -> None:
        """Start all processes; return when the proxy reports that the shop is ready."""
        for port in self._ports:
            self._environment["PORT"] = str(port)
            self._start("gunicorn", "--config", "gunicorn.conf.py", "wsgi:app")
        self._start("flask", "--app", "wsgi", "worker")
        self._wait_until_ready()
