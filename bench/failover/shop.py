"""The shop on its machines: two web instances behind haproxy, and a worker."""

from bench.failover.machines import Machines
from bench.kill.killable_shop import KillableShop

WEB = ("web_one", "web_two")


class FailoverShop(KillableShop):
    """Started with the settings that :meth:`Machines.settings` says; an application here asks the primary itself."""

    def __init__(self, machines: Machines) -> None:
        super().__init__(machines.url("primary"))
        self.port = machines.ports["web"]
        self._ports = [machines.ports[name] for name in WEB]
        self._environment |= machines.settings() | {"WEB_CONCURRENCY": "1"}

    def start(self) -> None:
        """Start all of it; returns when the proxy in front says that it can serve."""
        for port in self._ports:
            self._environment["PORT"] = str(port)
            self._start("gunicorn", "--config", "gunicorn.conf.py", "wsgi:app")
        self._start("flask", "--app", "wsgi", "worker")
        self._wait_until_ready()
