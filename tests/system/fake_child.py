"""Stands in for any of the children of a main: writes down how it was started, and ends as its behaviour says.

fake_child.py FOLDER PROGRAM [the child's own arguments ...]; FOLDER/behaviour.json: {"turbo-client": "hang", ...}.
Written by it: FOLDER/<child>.<pid>.json {name, arguments, pid, parent, ignores_sigint, ended_by}.
"""
import json
import os
import pathlib
import signal
import sys

import yaml
import zmq

folder, program, arguments = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
value = dict(zip(arguments, arguments[1:]))
service = value.get("--service-id", "")
name = program.removeprefix("turbo-") + (f"-{service}" if service else "")
record = {"name": name, "arguments": arguments, "pid": os.getpid(), "parent": os.getppid(),
          "ignores_sigint": signal.getsignal(signal.SIGINT) == signal.SIG_IGN, "ended_by": None}
behaviour = json.loads((folder / "behaviour.json").read_text()).get(name, "")
SWITCHES = {"camera-stream": f"camera-kill-{service}-switch", "client": f"client-kill-{service}-switch",
            "bandwidth-allocator": "bandwidth-allocator-kill-switch", "ping-handler": "ping-handler-kill-switch",
            "model-server": f"remote-server-kill-switch-{service}"}


def write():
    path = folder / f"{name}.{os.getpid()}.json"
    path.with_suffix(".new").write_text(json.dumps(record))
    path.with_suffix(".new").rename(path)


def end(by, status=0):
    record["ended_by"] = by
    write()
    os._exit(status)


if behaviour.startswith("exit"):
    end("itself", int(behaviour.split()[1]))
if behaviour == "hang":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
else:
    signal.signal(signal.SIGTERM, lambda *_: end("SIGTERM"))
switch = zmq.Context().socket(zmq.SUB)
switch.subscribe(b"")
if program.removeprefix("turbo-") in SWITCHES:
    zmq_dir = yaml.safe_load(open(value["--config"]))["zmq_dir"]
    switch.bind(f"ipc://{zmq_dir}/{SWITCHES[program.removeprefix('turbo-')]}")
write()
while True:
    if switch.poll(50) and (message := switch.recv()) and behaviour != "hang":  # a poll, so that signals are heard
        end(message.decode())
