"""Watches of packages while much changes: none missed, none twice, nobody held up."""

import asyncio
import random
import sqlite3
import time
from contextlib import closing

import grpc
from packd.v1 import package_service_pb2 as api
from packd_testing.daemon import CHANNEL_OPTIONS
from packd_testing.errors import refused
from packd_testing.packages import SERVICE, Packages, mask
from packd_testing.tokens import bearer, make_token

SEED = 20
CHANGES = 10_000
WRITERS = 50
RESUMPTIONS = 20
SLOW_WATCHERS = 20
MAX_GROWTH_BYTES = 48 << 20
WATCH_SECONDS = 120
# HTTP/2's own window, which a client that reads nothing never opens.
SMALL_WINDOWS = [*CHANNEL_OPTIONS, ("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", 0)]


def watch_call(channel, token=""):
    stub = channel.unary_stream(
        SERVICE + "WatchPackages",
        request_serializer=api.WatchPackagesRequest.SerializeToString,
        response_deserializer=api.WatchPackagesResponse.FromString)
    return stub(
        api.WatchPackagesRequest(resume_token=token), metadata=bearer(make_token()),
        timeout=WATCH_SECONDS)


async def write(daemon, package_ids, count):
    """Makes `count` changes, each package's in order: its name counts them. Returns the rate."""
    async with grpc.aio.insecure_channel(daemon.address, options=CHANNEL_OPTIONS) as channel:
        update = channel.unary_unary(
            SERVICE + "UpdatePackage",
            request_serializer=api.UpdatePackageRequest.SerializeToString,
            response_deserializer=api.UpdatePackageResponse.FromString)
        metadata = bearer(make_token())

        async def writer(package_id, first):
            for number in range(first, first + count // len(package_ids)):
                package = api.HostingPackage(id=package_id, name=f"n{number}")
                await update(
                    api.UpdatePackageRequest(
                        hosting_package=package, update_mask=mask("name")),
                    metadata=metadata, timeout=30)
            return number + 1

        began = time.monotonic()
        ends = await asyncio.gather(
            *(writer(package_id, first) for package_id, first in package_ids.items()))
        package_ids.update(zip(package_ids, ends))
        return count / (time.monotonic() - began)


def number_of(response):
    return int(response.change.hosting_package.name[1:])


class Seen:
    """The numbers of each package's changes, as they came."""

    def __init__(self):
        self.numbers = {}
        self.count = 0

    def add(self, response):
        package_id = response.change.hosting_package.id
        self.numbers.setdefault(package_id, []).append(number_of(response))
        self.count += 1

    def is_whole(self, package_ids, first=0):
        return self.numbers == {
            package_id: list(range(first, end)) for package_id, end in package_ids.items()}


def make_packages(daemon):
    with daemon.channel() as channel:
        caller = Packages(channel)
        return {caller.create().id: 0 for _ in range(WRITERS)}


async def watch_in_pieces(daemon, seen):
    """Watches to the last change, and is cut off again and again on the way."""
    numbers = random.Random(SEED)
    cuts = sorted(numbers.sample(range(100, CHANGES - 100), RESUMPTIONS))
    token = ""
    for cut in [*cuts, CHANGES]:
        async with grpc.aio.insecure_channel(daemon.address, options=CHANNEL_OPTIONS) as channel:
            call = watch_call(channel, token)
            async for response in call:
                token = response.resume_token
                if not response.HasField("change"):
                    continue
                seen.add(response)
                if seen.count >= cut:
                    break
            call.cancel()
        # Something is missed meanwhile.
        await asyncio.sleep(numbers.uniform(0, 0.1))


def test_a_watcher_that_is_cut_off_again_and_again_misses_none_and_sees_none_twice(own_daemon):
    own_daemon.start()
    package_ids = make_packages(own_daemon)
    seen = Seen()

    async def both():
        watching = asyncio.create_task(watch_in_pieces(own_daemon, seen))
        await asyncio.sleep(0.5)
        await write(own_daemon, package_ids, CHANGES)
        await asyncio.wait_for(watching, WATCH_SECONDS)

    asyncio.run(both())
    assert seen.count == CHANGES
    assert seen.is_whole(package_ids)
    own_daemon.stop()


def test_watchers_that_read_nothing_hold_up_no_writer_and_fill_no_memory(own_daemon):
    own_daemon.start()
    package_ids = make_packages(own_daemon)

    async def load():
        # Warm, without watchers.
        await write(own_daemon, package_ids, CHANGES // 10)
        alone = await write(own_daemon, package_ids, CHANGES // 5)
        first = min(package_ids.values())
        async with grpc.aio.insecure_channel(
                own_daemon.address, options=SMALL_WINDOWS) as channel:
            slow = [watch_call(channel) for _ in range(SLOW_WATCHERS)]
            for call in slow:
                assert not (await call.read()).HasField("change")
            before = own_daemon.resident_bytes()
            beside = await write(own_daemon, package_ids, CHANGES)
            grown = own_daemon.resident_bytes() - before
            for call in slow[:3]:
                seen = Seen()
                while seen.count < CHANGES:
                    seen.add(await asyncio.wait_for(call.read(), WATCH_SECONDS))
                assert seen.is_whole(package_ids, first)
            for call in slow:
                call.cancel()
        return alone, beside, grown

    alone, beside, grown = asyncio.run(load())
    print(f"{alone:,.0f}/s alone, {beside:,.0f}/s beside, {grown / (1 << 20):.1f} MiB more")
    # The machine's own ups and downs are no less.
    assert beside > alone / 2
    assert grown < MAX_GROWTH_BYTES
    own_daemon.stop()


def test_a_watch_of_changes_that_are_no_longer_kept_is_out_of_range(own_daemon):
    own_daemon.start()
    with own_daemon.channel() as channel:
        caller = Packages(channel)
        watch = watch_call(channel)
        old = next(watch).resume_token
        package = caller.create()
        kept = next(watch).resume_token
        for number in range(5):
            caller.UpdatePackage(
                hosting_package={"id": package.id, "name": f"n{number}"}, update_mask=mask("name"))
        watch.cancel()
    own_daemon.stop()
    # As the daemon itself does with those that are old enough.
    with closing(sqlite3.connect(own_daemon.folder / "packd.db")) as database, database:
        for table in ["package_changes", "package_change_ages"]:
            assert database.execute(f"DELETE FROM {table} WHERE sequence < 3").rowcount == 2
    own_daemon.start()
    with own_daemon.channel() as channel:
        for token in [old, kept]:
            with refused("OUT_OF_RANGE", "CHANGES_COMPACTED"):
                next(watch_call(channel, token))
        fresh = watch_call(channel)
        assert not next(fresh).HasField("change")
        fresh.cancel()
    own_daemon.stop()
