"""A client of a running Ledgermesh node, in one file of the standard library (Python 3.9 or newer).

    from ledgermesh_client import Node, NodeError

    node = Node.socket("/home/acme/.ledgermesh")                      # over the node's own socket
    node = Node.http("http://127.0.0.1:7480", token="lmt_...")        # over HTTP, with an access token

    node.ledger.append(stream="notes", type="note", payload={"text": "hello"})
    for entry in node.entries(stream="notes"):
        print(entry["seq"], entry["payload"])
    for events, position in node.follow_feed(after=node.feed.snapshot()["position"]):
        ...                                                           # then store the position

`node.<group>.<method>(...)` is every method of REFERENCE.md, with its params by name or in order. A refusal is a
NodeError, whose `code` is one of REFERENCE.md.
"""
import http.client
import json
import socket
import urllib.parse


class NodeError(Exception):
    """`code`: as REFERENCE.md lists it; `retryable`: whether the same call can help later; `next`: what to do."""

    def __init__(self, error):
        super().__init__(error["message"])
        data = error["data"]
        self.code = data["kind"]
        self.retryable = data["retryable"]
        self.next = data["next"]
        self.details = data.get("details", {})


class Node:
    """One node. A socket is one connection, so threads need one each; over HTTP each call is one."""

    def __init__(self, way):
        self._way = way

    @classmethod
    def socket(cls, home):
        return cls(_Socket(home))

    @classmethod
    def http(cls, url, token):
        return cls(_Http(url, token))

    def call(self, method, /, *args, **params):
        """`node.call("ledger.get", id="x")`, for a method whose name is known at run time only."""
        if method not in METHODS:
            raise TypeError(f"there is no method {method}")
        names = METHODS[method]
        if len(args) > len(names):
            raise TypeError(f"{method} takes {len(names)} params")
        for name, value in zip(names, args):
            if name in params:
                raise TypeError(f"{method}: {name} is given twice")
            params[name] = value
        for name in params:
            if name not in names:
                raise TypeError(f"{method} has no param {name}; it has {', '.join(names) or 'none'}")
        return self._way.call(method, {name: value for name, value in params.items() if value is not None})

    def __getattr__(self, group):
        if group.startswith("_") or not any(name.startswith(group + ".") for name in METHODS):
            raise AttributeError(group)
        return _Group(self, group)

    def entries(self, **filters):
        """All entries that match, as ledger.query takes filters, page after page."""
        cursor = None
        while True:
            page = self.call("ledger.query", cursor=cursor, **filters)
            yield from page["entries"]
            if not page["hasMore"]:
                return
            cursor = page["nextCursor"]

    def follow_feed(self, after, ledgers=None, streams=None):
        """(events, position) without end. FEED_RESET: begin again with feed.snapshot. Close the generator to stop."""
        params = {"after": after, "ledgers": ledgers, "streams": streams}
        for notice in self._way.feed({name: value for name, value in params.items() if value is not None}):
            if "ended" in notice:
                data = {"kind": notice["ended"], "retryable": False, "next": "", "details": notice}
                raise NodeError({"message": f"the feed ended: {notice['ended']}", "data": data})
            yield notice["events"], notice["last"]

    def close(self):
        self._way.close()

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.close()


class _Group:
    def __init__(self, node, group):
        self._node = node
        self._group = group

    def __getattr__(self, name):
        method = f"{self._group}.{name}"
        if method not in METHODS:
            raise AttributeError(method)
        return lambda *args, **params: self._node.call(method, *args, **params)


class _Socket:
    def __init__(self, home):
        self._home = home
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(home + "/rpc/node.sock")
        self._lines = self._socket.makefile("rb")
        self._last = 0

    def call(self, method, params):
        self._last += 1
        request = {"jsonrpc": "2.0", "id": self._last, "method": method, "params": params}
        self._socket.sendall(json.dumps(request).encode())
        return _result(self._read())

    def feed(self, params):
        """On a connection of its own: notifications come between no answers."""
        way = _Socket(self._home)
        try:
            way.call("feed.subscribe", params)
            while True:
                yield way._read()["params"]["result"]
        finally:
            way.close()

    def _read(self):
        line = self._lines.readline()
        if not line:
            raise ConnectionError("the node closed the connection")
        return json.loads(line)

    def close(self):
        self._lines.close()
        self._socket.close()


class _Http:
    def __init__(self, url, token):
        address = urllib.parse.urlsplit(url)
        if address.scheme not in ("http", "https") or address.path not in ("", "/"):
            raise ValueError("a node is named by its address alone: http://127.0.0.1:7480")
        self._secure = address.scheme == "https"
        self._address = address.netloc
        self._token = token

    def call(self, method, params):
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        connection = self._connect()
        try:
            headers = {"Content-Type": "application/json", **self._authorized()}
            connection.request("POST", "/rpc", json.dumps(request).encode(), headers)
            return _result(json.loads(connection.getresponse().read()))
        finally:
            connection.close()

    def feed(self, params):
        connection = self._connect()
        try:
            query = urllib.parse.urlencode(params, doseq=True)
            connection.request("GET", "/feed?" + query, headers=self._authorized())
            response = connection.getresponse()
            if response.status != 200:
                _result(json.loads(response.read()))
            for line in response:
                if line.startswith(b"data: "):
                    yield json.loads(line[6:])
            raise ConnectionError("the node closed the connection")
        finally:
            connection.close()

    def _connect(self):
        made = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        return made(self._address)

    def _authorized(self):
        return {"Authorization": "Bearer " + self._token}

    def close(self):
        pass


def _result(answer):
    if "error" in answer:
        raise NodeError(answer["error"])
    return answer["result"]


# Made by `npm run reference` from the table of methods: the params of each, in their order.
METHODS = {
    "node.status": (),
    "node.health": (),
    "node.metrics": (),
    "node.peers": (),
    "node.reload": ("dryRun",),
    "node.disk": (),
    "node.compact": (),
    "node.backup": ("folder", "withKeys"),
    "node.stop": (),
    "ledger.append": ("stream", "type", "payload", "issuer_oid", "subject_oid", "id", "references", "meta", "timestamp", "allowUnresolved", "replicas", "timeout", "expect", "allowPrivateTarget"),
    "ledger.appendBatch": ("entries", "allowUnresolved", "allowPrivateTarget"),
    "ledger.get": ("id", "ledger", "hash", "seq"),
    "ledger.query": ("ledger", "stream", "type", "issuer_oid", "subject_oid", "from", "to", "limit", "cursor", "order", "refers_to", "refers_to_id", "adopted", "withConflicts", "fromSeq"),
    "ledger.verifyEntry": ("id", "ledger", "hash", "seq"),
    "ledger.verifyChain": ("ledger", "from", "limit"),
    "ledger.head": ("ledger",),
    "ledger.checkpoint": ("ledger",),
    "ledger.prove": ("id", "ledger", "hash", "seq"),
    "ledger.consistency": ("size1", "size2", "ledger"),
    "ledger.override": ("nothingWasSignedSince",),
    "ledger.subscribe": ("ledger",),
    "ledger.unsubscribe": ("subscription",),
    "feed.snapshot": ("cursor", "limit", "ledgers"),
    "feed.read": ("after", "limit", "ledgers", "streams"),
    "feed.subscribe": ("after", "ledgers", "streams"),
    "feed.unsubscribe": ("subscription",),
    "ledger.erase": ("hashes",),
    "ledger.erasures": ("limit", "cursor"),
    "ledger.access": ("ledger",),
    "ledger.setAccess": ("grant", "revoke", "trustMilli", "noTrust"),
    "network.members": (),
    "network.admit": ("peer", "days"),
    "network.expel": ("peer",),
    "network.refusals": (),
    "sync.follow": ("ledger", "filters", "headers", "key", "adopt"),
    "sync.unfollow": ("ledger", "forget", "copies"),
    "sync.status": ("ledger",),
    "sync.pull": ("ledger",),
    "sync.entries": ("since", "limit", "ledger", "stream"),
    "sync.receive": ("entries", "sourceLedgerId", "sourcePublicKey"),
    "sync.pause": ("ledger", "for"),
    "sync.resume": ("ledger",),
    "sync.conflicts": ("ledger",),
    "sync.resolve": ("ledger", "key"),
    "sync.voided": ("ledger", "offset", "limit"),
    "ledger.references": ("id", "ledger", "hash", "seq", "direction", "types", "limit", "payloads"),
    "ledger.referenceStates": ("status", "ledger", "limit", "cursor"),
    "network.followReferences": ("id", "ledger", "hash", "seq", "maxDepth", "fanOut", "total", "deadlineMs", "direction", "types", "minTrustMilli", "payloads"),
    "network.fetchReferences": ("id", "ledger", "hash", "seq", "maxDepth", "fanOut", "total", "deadlineMs", "direction", "types", "minTrustMilli", "payloads"),
    "sync.addRemote": ("ledger", "name", "endpoint", "publicKey", "direction", "token", "filters", "headers", "adopt", "schedule", "priority", "in", "out"),
    "sync.updateRemote": ("ledger", "name", "endpoint", "publicKey", "direction", "token", "filters", "headers", "adopt", "schedule", "priority", "in", "out"),
    "sync.removeRemote": ("ledger", "copies"),
    "sync.remotes": (),
    "sync.jobs": ("ledger", "history"),
    "sync.push": ("remote", "ledgers", "wait", "through", "mode", "filters", "entries"),
    "sync.bidirectional": ("remote", "wait"),
    "sync.state": ("remote", "ledger", "direction", "entry", "status", "limit", "cursor"),
    "sync.retryState": ("remote", "ledger", "direction", "entry"),
    "sync.clearState": ("remote", "ledger", "direction", "entry"),
    "sync.offers": (),
    "sync.acceptOffer": ("ledger", "headers"),
    "sync.dismissOffer": ("ledger",),
    "sync.blockOffers": ("ledger",),
    "sync.invite": ("mode", "ledgers", "bytes", "uses", "days"),
    "sync.adopt": ("ledger", "streams", "types", "issuers", "subjects", "from", "fromNow", "acceptReaders"),
    "sync.stopAdopting": ("ledger", "copies"),
    "sync.adoptions": ("ledger",),
    "sync.rules": (),
    "sync.setRule": ("rule",),
    "sync.removeRule": ("name",),
    "sync.entryConflicts": ("rule", "all", "offset", "limit"),
    "sync.view": ("conflict", "rule", "key"),
    "sync.resolveEntry": ("conflict", "choose", "merged", "none", "merge", "expect", "note"),
    "network.discover": ("method", "registryUrl", "registryPeer", "domain", "bootstrapNodes", "capability", "region", "minTrustMilli"),
    "network.register": ("registryPeer",),
    "network.getLedger": ("ledger",),
    "network.authorizeNode": ("peerId", "expires"),
    "network.revokeNode": ("peerId",),
    "network.connect": ("address",),
    "network.disconnect": ("peer",),
    "network.ledgers": (),
    "network.findLedgers": ("capability", "ledger", "region", "minTrustMilli"),
    "network.peers": (),
    "network.health": (),
    "network.topology": ("format",),
    "network.subscribe": ("kinds",),
    "network.unsubscribe": ("subscription",),
    "network.query": ("stream", "type", "issuer_oid", "subject_oid", "id", "refers_to", "refers_to_id", "from", "to", "ledgers", "held", "minTrustMilli", "deadline", "limit", "cursor", "order", "need", "aggregate", "file"),
    "network.count": ("stream", "type", "issuer_oid", "subject_oid", "id", "refers_to", "refers_to_id", "from", "to", "ledgers", "held", "minTrustMilli", "deadline"),
    "network.indexFaults": (),
    "network.pardonIndex": ("ledger",),
    "trust.attest": ("ledger", "levelMilli", "kind", "depth", "expires"),
    "trust.revoke": ("attestation", "ledger"),
    "trust.accept": ("attestation",),
    "trust.verify": ("attestation", "confirmed"),
    "trust.level": ("to", "from", "at"),
    "trust.verifyChain": ("to", "from", "at"),
    "trust.explain": ("to", "from", "at"),
    "trust.find": ("about", "by"),
    "trust.list": ("issuer", "subject", "limit"),
    "keys.rotate": ("nextKeyFile",),
    "tokens.create": ("name", "scopes", "ledgers", "streams", "expires"),
    "tokens.list": (),
    "tokens.revoke": ("name",),
    "evidence.list": ("ledger",),
    "alias.set": ("alias", "ledger"),
    "alias.list": (),
    "alias.remove": ("alias",),
    "alias.resolve": ("ledger",),
    "rpc.ping": (),
    "rpc.discover": (),
}
