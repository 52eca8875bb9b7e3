"""The ten processes as a table: how each is started, what it binds and makes, how it is told to stop."""
import dataclasses
import os

from doubles import abort
from sandbox import wait_for


@dataclasses.dataclass(frozen=True)
class Kind:
    config: str  # which configuration file: client, server, quic
    per_service: bool = False
    binds: tuple = ()
    regions: tuple = ()
    kill_switch: str = ""


PROCESSES = {
    "camera-stream": Kind("client", True, ("service{N}-camera-socket", "camera-kill-{N}-switch"),
                          ("service{N}-camera-shmem",), "camera-kill-{N}-switch"),
    "client": Kind("client", True,
                   ("car-server-incoming-{N}", "main-client-{N}-bw-subscriber", "client-kill-{N}-switch"),
                   ("client-service{N}-incoming-shm", "client-service{N}-outgoing-shm"), "client-kill-{N}-switch"),
    "quic-client": Kind("quic", False, ("car-server-outgoing-{N}",)),
    "quic-server": Kind("quic", False, ("remote-server-incoming-{N}",)),
    "bandwidth-allocator": Kind("client", False, ("car-server-bw-service", "bandwidth-allocator-kill-switch"), (),
                                "bandwidth-allocator-kill-switch"),
    "ping-handler": Kind("client", False, ("ping-handler", "ping-handler-kill-switch"), (), "ping-handler-kill-switch"),
    "model-server": Kind("server", True, ("remote-server-outgoing-{N}", "remote-server-kill-switch-{N}"),
                         ("server-service{N}-outgoing-shm", "server-service{N}-incoming-shm"),
                         "remote-server-kill-switch-{N}"),
    "plotter": Kind("client", False, ("car-client-diagnostics",)),
}
MAINS = {"client-main": Kind("client"), "server-main": Kind("server")}


class Setup:
    """Configuration files of one sandbox, from which any process can be started."""

    def __init__(self, sandbox, services=1, client=None, server=None, quic=None, port=None):
        self.sandbox, self.services = sandbox, services
        self.port = port or sandbox.free_port()
        self.files = {"client": sandbox.write("client.yaml", sandbox.client_config(services, **(client or {}))),
                      "server": sandbox.write("server.yaml", sandbox.server_config(services, **(server or {}))),
                      "quic": sandbox.write("quic.yaml", sandbox.quic_config(self.port, services, **(quic or {})))}

    def arguments(self, name, k=1):
        kind = (PROCESSES | MAINS)[name]
        out = ["--config", self.files[kind.config]]
        if kind.per_service:
            out += ["--service-id", str(self.sandbox.service(k))]
        if name in MAINS:
            out += ["--quic-config", self.files["quic"]]
        return out

    def start(self, name, *more, k=1, ready=True):
        process = self.sandbox.start(name, *self.arguments(name, k), *more)
        if ready and name in PROCESSES:
            wait_for(lambda: self.owns(name, process.pid, k), f"{name} has its sockets", watch=[process])
        return process

    def paths(self, name, k=1):
        """Locks of the sockets that it binds, and its regions."""
        kind = PROCESSES[name]
        services = [k] if kind.per_service else range(1, self.services + 1)
        return ({self.sandbox.endpoint(s, n).removeprefix("ipc://") + ".lock" for s in kind.binds for n in services} |
                {self.sandbox.region(r, n) for r in kind.regions for n in services})

    def owns(self, name, pid, k=1):
        return self.paths(name, k) <= open_files(pid) and all(
            os.path.exists(path.removesuffix(".lock")) for path in self.paths(name, k))

    def stop(self, name, process, k=1):
        """By its kill switch, or SIGTERM where it has none; the exit status."""
        switch = PROCESSES[name].kill_switch
        return abort(self.sandbox, switch, process, k) if switch else process.stop()


def open_files(pid):
    out = set()
    try:
        for fd in os.listdir(f"/proc/{pid}/fd"):
            try:
                out.add(os.readlink(f"/proc/{pid}/fd/{fd}"))
            except OSError:
                pass
    except OSError:
        pass
    return out
