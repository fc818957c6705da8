"""Another run that has the kernel's port, speaks there to the client and ends; the kernel then starts.

Usage: stranger.py CONNECTION_FILE
"""

import json
import os
import sys

import zmq
from jupyter_client.session import Session


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        connection = json.load(file)
    socket = zmq.Context.instance().socket(zmq.XPUB)
    socket.bind("tcp://%s:%d" % (connection["ip"], connection["iopub_port"]))
    socket.recv()  # the subscription: from now on the client hears what is sent
    Session(key=b"another").send(socket, "status", {"execution_state": "busy"})
    zmq.Context.instance().destroy(linger=1000)
    os.execl(sys.executable, sys.executable, "-m", "ipykernel_launcher", "-f", sys.argv[1])


if __name__ == "__main__":
    main()
