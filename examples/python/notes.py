"""Notes in a running node's ledger, over its socket: standard library only.

    python3 notes.py <home> "some text"     signs a note, then prints all of them

JSON-RPC 2.0, one JSON value after the other (REFERENCE.md lists the methods and errors).
"""
import json
import socket
import sys
import uuid


class Node:
    """One connection; one call at a time."""

    def __init__(self, home):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(home + "/rpc/node.sock")
        self._lines = self._socket.makefile(encoding="utf-8")
        self._last = 0

    def call(self, method, **params):
        self._last += 1
        request = {"jsonrpc": "2.0", "id": self._last, "method": method, "params": params}
        self._socket.sendall(json.dumps(request).encode())
        answer = json.loads(self._lines.readline())
        if "error" in answer:
            raise NodeError(answer["error"])
        return answer["result"]

    def close(self):
        self._lines.close()
        self._socket.close()


class NodeError(Exception):
    """`code`: one of REFERENCE.md; `retryable`: whether the same call can help later."""

    def __init__(self, error):
        super().__init__(error["message"])
        self.code = error["data"]["kind"]
        self.retryable = error["data"]["retryable"]


def pages(node, **filters):
    """All entries that match, page after page."""
    cursor = None
    while True:
        page = node.call("ledger.query", **filters, **({} if cursor is None else {"cursor": cursor}))
        yield from page["entries"]
        if not page["hasMore"]:
            return
        cursor = page["nextCursor"]


def main(home, text):
    node = Node(home)
    try:
        # With an id of one's own the call may be repeated when its outcome is unknown: it signs once.
        node.call("ledger.append", id=str(uuid.uuid4()), stream="notes", type="note", payload={"text": text})
        for entry in pages(node, stream="notes", limit=100):
            print(entry["seq"], entry["payload"]["text"])
    except NodeError as error:
        sys.exit(f"{error.code}: {error}")
    finally:
        node.close()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
