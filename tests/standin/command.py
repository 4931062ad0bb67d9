"""The `aws` command, version 1, without the second that it takes to start: a process that has it loaded, and forks.

`python -m standin.command SOCKET` serves; `standin.client` is the program that takes its place.
"""

import json
import os
import socket
import sys
import traceback
from pathlib import Path

import awscli.clidriver
import awscli.customizations.cloudformation
import awscli.customizations.ecr  # what a fork need not load again


def answer(connection: socket.socket) -> None:
    """Run one command with the client's words, variables, folder and files."""
    size, files, _, _ = socket.recv_fds(connection, 4, 3)
    text = b""
    while len(text) < int.from_bytes(size, "big"):
        text += connection.recv(65536)
    words, variables, folder = json.loads(text)
    for number, file in enumerate(files):
        os.dup2(file, number)
    # awscli sets this one when it is imported.
    own = {"AWS_DATA_PATH": os.environ["AWS_DATA_PATH"]}
    os.environ.clear()
    os.environ.update({**variables, **own})
    os.chdir(folder)
    sys.argv = ["aws", *words]
    try:
        status = awscli.clidriver.main()
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else 1
    sys.stdout.flush()
    sys.stderr.flush()
    connection.sendall(bytes([status or 0]))


def serve(path: str) -> None:
    """Serve until killed."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen(64)
        while True:
            connection, _ = server.accept()
            if os.fork() == 0:
                try:
                    answer(connection)
                except BaseException:
                    traceback.print_exc()
                finally:
                    os._exit(0)
            connection.close()
            # Children that have ended.
            try:
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
            except ChildProcessError:
                pass


if __name__ == "__main__":
    Path(sys.argv[1]).unlink(missing_ok=True)
    serve(sys.argv[1])
