"""CheckEntitlement and GetPackageStatus beside a bare nghttp2 server (floor.c); listing slots and
purchases over the wire on a SQLite file, every call durable before its answer, 64 callers at a time.

usage: sellers.py [--rounds 5] [--seconds 2]

As packages.py for the two reads. For the writes the daemon has both cores and shares them with
those who call.
"""
import argparse
import collections
import concurrent.futures
import contextlib
import itertools
import pathlib
import random
import sqlite3
import statistics
import subprocess
import threading
import time

import benchmark
import grpc
import hosting
import jwt
import load
from google.protobuf.duration_pb2 import Duration
from packages import POINT_SHAPE, measure
from packd.v1 import seller_package_service_pb2 as sellers
from packd.v1 import types_pb2 as types

SERVICE = "/packd.v1.SellerPackageService/"
CALLERS = 64
USERS, SLOTS_EACH, HOT_SLOTS, PURCHASES = 1_000, 10, 10_000, 10_000
MAX_FLOOR_RATIO, MIN_SLOT_RATE, MIN_HOT_RATE, MIN_PURCHASE_RATE = 3.0, 20_000, 10_000, 5_000
HOT_USER = "hot"
KILLS, KILL_AFTER_SECONDS, RECONCILE_SECONDS = 5, (0.3, 1.5), 180
TIMEOUT_SECONDS = 30
FULL = ("RESOURCE_EXHAUSTED", "Listing limit reached")
CARD = sellers.CreditCard(
    number="4242424242424242", expiry_month=12, expiry_year=2060, cvv="123")


class Callers:
    """Makes tokens of any user."""

    def __init__(self, token):
        self.secret = token.secret_path.read_text()

    def bearer(self, user, role="Service"):
        claims = {"sub": user, "role": role, "exp": int(time.time()) + 3_600}
        return f"Bearer {jwt.encode(claims, self.secret, algorithm='HS256')}"

    def call(self, port, method, request, user="admin", role="Admin"):
        """By the generated client, for what is not measured."""
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            return channel.unary_unary(
                SERVICE + method, request_serializer=lambda message: message.SerializeToString(),
                response_deserializer=getattr(sellers, f"{method}Response").FromString,
            )(request, metadata=[("authorization", self.bearer(user, role))],
              timeout=TIMEOUT_SECONDS)


def purchase(package):
    return sellers.PurchasePackageRequest(
        package_id=package, credit_card=CARD).SerializeToString()


def reads(work, callers, options):
    """The two reads of a user who has a package."""
    floor, rounds = [], {"CheckEntitlement": [], "GetPackageStatus": []}
    bare = benchmark.build_floor(work)
    bodies = {
        "CheckEntitlement": sellers.CheckEntitlementRequest(user_id="reader"),
        "GetPackageStatus": sellers.GetPackageStatusRequest(),
    }
    header = f"authorization: {callers.bearer('reader')}"
    for _ in range(options.rounds):
        with benchmark.Server([bare, "{port}"]) as server:
            floor.append(measure(server, header, options.seconds, {}, POINT_SHAPE))
        with benchmark.Server(options.command) as server:
            for method, body in bodies.items():
                call = {
                    "method": SERVICE + method, "body": hosting.body_file(work, method, body)}
                rounds[method].append(
                    measure(server, header, options.seconds, call, POINT_SHAPE))
    for method, measured in rounds.items():
        ratio = statistics.median(ours / bare for (ours, _), (bare, _) in zip(measured, floor))
        cpu = statistics.median(cpu for cpu, _ in measured)
        benchmark.row(f"{method} 10x100: CPU, of the floor's", f"{ratio:.2f}x = {cpu:.2f} us",
                      f"<= {MAX_FLOOR_RATIO}x", ratio <= MAX_FLOOR_RATIO)


def slots(server, callers, data, users, each):
    """Reserves all the slots that the users have, sees that there are no more, and releases them;
    returns operations a second."""
    pairs = [(user, f"listing-{count}") for count in range(each) for user in users]
    ttl = Duration(seconds=3_600)
    reserve = [
        sellers.ReserveListingRequest(user_id=user, listing_id=listing, ttl=ttl)
        for user, listing in pairs
    ]
    release = [
        sellers.ReleaseListingRequest(user_id=user, listing_id=listing)
        for user, listing in pairs
    ]
    seconds = 0.0
    for method, requests in (("ReserveListing", reserve), ("ReleaseListing", release)):
        messages = [request.SerializeToString() for request in requests]
        took, _ = load.run(
            server.port, SERVICE + method, callers.bearer("bench"), messages, 8, CALLERS // 8)
        seconds += took
        if method == "ReserveListing":
            check_full(server, callers, users)
            check_rows(data, len(pairs))
    return 2 * len(pairs) / seconds


def check_full(server, callers, users):
    """64 callers at a time ask for one more listing each, and are refused."""
    def one_more(number, user):
        request = sellers.ReserveListingRequest(
            user_id=user, listing_id=f"one-more-{number}", ttl=Duration(seconds=3_600))
        try:
            callers.call(server.port, "ReserveListing", request, role="Service")
        except grpc.RpcError as error:
            return error.code().name, error.details()
        return "OK", user

    with concurrent.futures.ThreadPoolExecutor(CALLERS) as pool:
        asked = zip(range(CALLERS), itertools.cycle(users))
        outcomes = collections.Counter(pool.map(lambda one: one_more(*one), asked))
    if outcomes != {FULL: CALLERS}:
        raise SystemExit(f"of one more listing each, {CALLERS} callers were told: {outcomes}")


def check_rows(data, count):
    """The data file has `count` slots, and no purchase more than its limit."""
    with contextlib.closing(sqlite3.connect(f"file:{data}?mode=ro", uri=True)) as database:
        found = database.execute("SELECT count(*) FROM listing_slots").fetchall()
        too_many = database.execute(
            "SELECT user_id, listing_limit, count(*) AS taken FROM purchases"
            " JOIN listing_slots ON purchase_id = id GROUP BY id"
            " HAVING taken > listing_limit").fetchall()
    if found != [(count,)] or too_many:
        raise SystemExit(f"{found} slots, not {count}; more than the limit have {too_many}")


def buy(server, callers, users, package):
    """A purchase by each user, 64 at a time."""
    for start in range(0, len(users), CALLERS):
        group = users[start:start + CALLERS]
        load.run_each(
            server.port, SERVICE + "PurchasePackage", [callers.bearer(user) for user in group],
            [[purchase(package)] * len(group)])


def create_package(server, callers, name, price, slots):
    package = sellers.SellerPackage(
        name=name, price=types.Money(currency_code="USD", units=price), duration_days=30,
        listing_limit=types.Quota(limit=slots), is_active=True)
    return callers.call(
        server.port, "CreateSellerPackage",
        sellers.CreateSellerPackageRequest(seller_package=package)).seller_package.id


def purchases(server, callers, ladder, start):
    """64 users who go from each package of the ladder to the next, which costs more than what they
    are credited: every purchase is charged. Returns purchases a second."""
    bearers = [callers.bearer(f"buyer-{start + number}") for number in range(CALLERS)]
    turns = [[purchase(package)] * CALLERS for package in ladder]
    seconds, _ = load.run_each(server.port, SERVICE + "PurchasePackage", bearers, turns)
    return len(turns) * CALLERS / seconds


def purchases_through_kills(options, callers, ladder):
    """Purchases by new users each time, while the daemon is killed; then all that was begun comes to
    an end."""
    for number in range(KILLS):
        with benchmark.Server(options.command, core=None) as server:
            def call(server=server, start=(number + 1) * 1_000_000):
                try:
                    purchases(server, callers, ladder, start)
                except subprocess.CalledProcessError:
                    # The server has gone.
                    pass
            caller = threading.Thread(target=call)
            caller.start()
            time.sleep(random.uniform(*KILL_AFTER_SECONDS))
            server.process.kill()
            caller.join()
    with benchmark.Server(options.command, core=None) as server:
        until = time.monotonic() + RECONCILE_SECONDS
        while callers.call(
                server.port, "ListUnresolvedPayments",
                sellers.ListUnresolvedPaymentsRequest()).payments:
            if time.monotonic() > until:
                raise SystemExit("payments stay open")
            time.sleep(1)


def check_money(path):
    """Charges, receipts and purchases are one each, and nobody has two packages; returns how many
    there are of each."""
    with sqlite3.connect(path) as database:
        (counts,) = database.execute(
            "SELECT (SELECT count(*) FROM sandbox_charges WHERE outcome = 1),"
            " (SELECT count(*) FROM receipts WHERE transaction_id <> ''),"
            " (SELECT count(*) FROM purchases), (SELECT count(*) FROM receipts),"
            " (SELECT count(*) FROM purchases WHERE is_replaced = 0)"
            " - (SELECT count(DISTINCT user_id) FROM purchases)").fetchall()
    charges, paid, bought, receipts, doubles = counts
    if not charges == paid == bought == receipts or doubles:
        raise SystemExit(
            f"charges, receipts paid for, purchases, receipts, packages too many: {counts}")
    return charges


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2)
    options = parser.parse_args()
    packd = benchmark.find_packd()
    with benchmark.work_folder() as folder:
        work = pathlib.Path(folder)
        token = benchmark.Token(packd, work)
        callers = Callers(token)
        data = work / "data/packd.db"
        options.command = benchmark.serve_command(packd, token, data.parent)
        users = [f"user-{number}" for number in range(USERS)]
        with benchmark.Server(options.command, core=None) as server:
            buy(server, callers, [*users, "reader"], 1)
            hot = create_package(server, callers, "Hot", 1, HOT_SLOTS)
            buy(server, callers, [HOT_USER], hot)
            ladder = [
                create_package(server, callers, f"Step {step}", step, 1)
                for step in range(1, PURCHASES // CALLERS + 1)
            ]
            rates = [
                slots(server, callers, data, users, SLOTS_EACH) for _ in range(options.rounds)]
            hot_rates = [
                slots(server, callers, data, [HOT_USER], HOT_SLOTS)
                for _ in range(options.rounds)]
            bought = [
                purchases(server, callers, ladder, round * CALLERS)
                for round in range(options.rounds)
            ]
        before = check_money(data)
        purchases_through_kills(options, callers, ladder)
        charges = check_money(data) - before
        reads(work, callers, options)
    rate = statistics.median(rates)
    benchmark.row("ReserveListing + ReleaseListing, 64 callers, 1,000 users", f"{rate:,.0f}/s",
                  f">= {MIN_SLOT_RATE}", rate >= MIN_SLOT_RATE)
    rate = statistics.median(hot_rates)
    benchmark.row("the same, one user", f"{rate:,.0f}/s", f">= {MIN_HOT_RATE}",
                  rate >= MIN_HOT_RATE)
    rate = statistics.median(bought)
    benchmark.row("PurchasePackage, sandbox, 64 callers", f"{rate:,.0f}/s",
                  f">= {MIN_PURCHASE_RATE}", rate >= MIN_PURCHASE_RATE)
    benchmark.row(f"purchases, kill -9 {KILLS} times: charges = receipts = packages",
                  f"{charges:,} each", f">= {PURCHASES}", charges >= PURCHASES)


if __name__ == "__main__":
    main()
