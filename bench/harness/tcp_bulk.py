"""The kernel's TCP as a bulk transfer, counted as turbo-bench-bulk counts: tcp_bulk.py serve ADDRESS PORT |
send ADDRESS PORT CONGESTION_CONTROL SECONDS.
"""
import json
import select
import socket
import sys
import time

BLOCK_BYTES = 1 << 18


def serve(address, port):
    listener = socket.create_server((address, port))
    print("listening", flush=True)
    connection, _ = listener.accept()
    buffer, received, next_report = bytearray(BLOCK_BYTES), 0, time.monotonic()
    while True:
        if select.select([connection], [], [], 0.05)[0]:
            count = connection.recv_into(buffer)
            if count == 0:
                return
            received += count
        if time.monotonic() >= next_report:
            print(json.dumps({"t_ns": time.monotonic_ns(), "received": received, "clients": 1}), flush=True)
            next_report = max(next_report + 0.1, time.monotonic())


def send(address, port, congestion_control, seconds):
    connection = socket.socket()
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, congestion_control.encode())
    connection.connect((address, port))
    connection.setblocking(False)
    print(json.dumps({"connected_ns": time.monotonic_ns()}), flush=True)
    deadline, block = time.monotonic() + seconds, bytes(BLOCK_BYTES)
    while time.monotonic() < deadline:
        if select.select([], [connection], [], 0.05)[1]:
            connection.send(block)


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2], int(sys.argv[3]))
    else:
        send(sys.argv[2], int(sys.argv[3]), sys.argv[4], float(sys.argv[5]))
