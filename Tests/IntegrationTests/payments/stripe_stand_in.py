"""Stripe's part, played by PyPI's localstripe behind a proxy, both on ports of this machine.

The proxy adds what localstripe lacks and packd relies on: idempotency keys, search, lists by time,
error_on_requires_action. And it spoils what it is told to spoil:

    POST /_faults   {"path": "/v1/payment_intents", "kind": "drop_answer", "count": 1}
    POST /_release  lets go what is held
    GET /_calls     what was asked for, in order, without bodies
    GET /_payments  what localstripe has: payments by packd's intent, and refunds

Kinds: drop_request (localstripe never has it), drop_answer (it has, and the answer is lost),
hold_answer (until it is let go), hold_request (the connection is cut, and localstripe has it once
it is let go), double (localstripe has the request twice), status (answered with "status" and, if
there is one, "error").

    python stripe_stand_in.py [CERTIFICATE KEY]

prints the proxy's port, and runs until its input ends. With the files it speaks TLS.
"""

import asyncio
import copy
import json
import ssl
import sys

from aiohttp import ClientSession, web
from localstripe import resources, server

HOST = "127.0.0.1"
# localstripe would keep a file in /tmp.
resources.Store.dump_to_disk = lambda self: None

UNKNOWN_TO_LOCALSTRIPE = {"description", "error_on_requires_action"}
HOP_HEADERS = {"authorization", "content-type"}


def card_error(code):
    error = {"type": "card_error", "code": code, "decline_code": code}
    return 402, json.dumps({"error": error}).encode()


def stripe_error(status, kind, code):
    return status, json.dumps({"error": {"type": kind, "code": code}}).encode()


class Proxy:
    def __init__(self, backend):
        self.backend = backend
        self.session = None
        self.answers = {}
        self.under_way = set()
        self.faults = []
        self.calls = []
        self.released = asyncio.Event()
        self.tasks = set()

    async def handle(self, request):
        body = await request.read()
        if request.path.startswith("/_"):
            return await self.control(request, body)
        key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
        self.calls.append({"method": request.method, "path": request.path, "key": key})
        fault = self.take_fault(request.path)
        kind = fault and fault["kind"]
        if kind == "drop_request":
            return self.cut(request)
        if kind == "status":
            answer = {"error": fault["error"]} if "error" in fault else {}
            return web.json_response(answer, status=fault["status"])
        if kind == "hold_request":
            self.once_released(request, body, key)
            return self.cut(request)
        if kind == "double":
            await self.perform(request, body, key)
        status, answer = await self.perform(request, body, key)
        if kind == "drop_answer":
            return self.cut(request)
        if kind == "hold_answer":
            await self.released.wait()
        return web.Response(status=status, body=answer, content_type="application/json")

    def take_fault(self, path):
        for fault in self.faults:
            if fault["path"] == path and fault["count"] > 0:
                fault["count"] -= 1
                return fault
        return None

    @staticmethod
    def cut(request):
        request.transport.abort()
        return web.Response()

    def once_released(self, request, body, key):
        async def run():
            await self.released.wait()
            await self.perform(request, body, key)

        task = asyncio.create_task(run())
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    # Idempotency, as docs.stripe.com/api/idempotent_requests has it.

    async def perform(self, request, body, key):
        if key is None:
            return await self.forward(request, body)
        content = (request.path, body)
        if key in self.answers:
            known, answer = self.answers[key]
            if known != content:
                return stripe_error(400, "idempotency_error", "idempotency_key_mismatch")
            return answer
        if key in self.under_way:
            return stripe_error(409, "idempotency_error", "idempotency_key_in_use")
        self.under_way.add(key)
        try:
            answer = await self.forward(request, body)
            if answer[0] not in (400, 401, 429):
                self.answers[key] = (content, answer)
            return answer
        finally:
            self.under_way.discard(key)

    # What localstripe lacks.

    async def forward(self, request, body):
        if request.path == "/v1/payment_intents/search":
            return self.search(request.query["query"])
        if request.method == "GET" and request.path == "/v1/payment_intents":
            return self.list(request.query)
        form = {}
        if request.method == "POST":
            form = {name: value for name, value in (await request.post()).items()}
        refuses_actions = form.get("error_on_requires_action") == "true"
        form = {name: value for name, value in form.items() if name not in UNKNOWN_TO_LOCALSTRIPE}
        headers = {
            name: value for name, value in request.headers.items()
            if name.lower() in HOP_HEADERS - {"content-type"}
        }
        async with self.session.request(
            request.method, self.backend + request.path_qs, data=form, headers=headers
        ) as response:
            answer = response.status, await response.read()
        if refuses_actions and answer[0] == 200:
            payment = json.loads(answer[1])
            if payment["status"] == "requires_action":
                resources.PaymentIntent._api_cancel(payment["id"])
                return card_error("authentication_required")
        return answer

    @staticmethod
    def payments():
        """Newest first, as Stripe lists them."""
        found = [
            value for name, value in resources.store.items() if name.startswith("payment_intent:")
        ]
        return list(reversed(found))

    def list(self, query):
        found = [
            payment for payment in self.payments()
            if int(query.get("created[gte]", 0)) <= payment.created
            and payment.created <= int(query.get("created[lte]", 1 << 40))
        ]
        after = query.get("starting_after")
        if after is not None:
            ids = [payment.id for payment in found]
            found = found[ids.index(after) + 1:] if after in ids else []
        limit = int(query.get("limit", 10))
        return self.page(found[:limit], len(found) > limit)

    def search(self, text):
        found = [
            payment for payment in self.payments()
            if any(f'metadata["{name}"]:"{value}"' == text
                   for name, value in payment.metadata.items())
        ]
        return self.page(found, False)

    @staticmethod
    def page(found, has_more):
        data = [payment._export() for payment in found]
        return 200, json.dumps({"object": "list", "data": data, "has_more": has_more}).encode()

    # For tests.

    async def control(self, request, body):
        if request.path == "/_faults":
            fault = {"count": 1, **json.loads(body)}
            self.faults.append(fault)
            return web.json_response(fault)
        if request.path == "/_release":
            self.released.set()
            return web.json_response({})
        if request.path == "/_calls":
            return web.json_response(self.calls)
        refunds = [
            {"payment": refund.payment_intent, "amount": refund.amount}
            for name, refund in resources.store.items() if name.startswith("refund:")
        ]
        payments = [
            {
                "intent": payment.metadata.get("packd_intent"), "id": payment.id,
                "status": payment.status, "amount": payment.amount, "currency": payment.currency,
            }
            for payment in self.payments()
        ]
        return web.json_response(copy.deepcopy({"payments": payments, "refunds": refunds}))


async def listen(app, tls=None):
    runner = web.AppRunner(app, handle_signals=False)
    await runner.setup()
    site = web.TCPSite(runner, HOST, 0, ssl_context=tls)
    await site.start()
    return runner.addresses[0][1]


async def main(*certificate_files):
    tls = None
    if certificate_files:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(*certificate_files)
    port = await listen(server.app)
    proxy = Proxy(f"http://{HOST}:{port}")
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", proxy.handle)
    async with ClientSession() as proxy.session:
        print(await listen(app, tls), flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main(*sys.argv[1:]))
