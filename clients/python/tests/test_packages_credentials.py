"""Passwords: what is verified, how often it may be tried, and where they never show."""

import threading
import time

import grpc
import pytest
from packd.v1 import package_service_pb2 as pb
from packd_testing.errors import refused
from packd_testing.packages import PASSWORD, Packages, unique

# So that the limit of an address is out of the way of tests that are not about it.
DAEMON_OPTIONS = ("--max-attempts-per-minute-per-address", "100000")

OTHER_PASSWORD = "not the right password"


@pytest.fixture(scope="module")
def service(called_as):
    return called_as("Service", sub="the-service")


def verify(service, username, password=PASSWORD):
    answer = service.VerifyCredentials(username=username, password=password)
    verdict = pb.CredentialsVerdict.Name(answer.verdict)
    return verdict.removeprefix("CREDENTIALS_VERDICT_"), answer.package_id


def test_the_password_of_a_username_is_verified_and_no_other(packages, service):
    package = packages.create(password="päßwörter sind 秘密")
    assert verify(service, package.username, "päßwörter sind 秘密") == ("VERIFIED", package.id)
    for wrong in ("päßwörter sind 秘", "päßwörter sind 秘密 ", "Päßwörter sind 秘密", ""):
        assert verify(service, package.username, wrong) == ("MISMATCH", "")
    assert verify(service, unique("nobody"), "päßwörter sind 秘密") == ("MISMATCH", "")


def test_a_username_is_that_of_one_package_alone(packages, service):
    one, other = packages.create(password="x" * 12), packages.create(password="y" * 256)
    assert verify(service, one.username, "y" * 256) == ("MISMATCH", "")
    assert verify(service, other.username, "y" * 256) == ("VERIFIED", other.id)


def test_a_suspended_or_deleted_package_is_told_to_who_knows_the_password(packages, service):
    package = packages.create()
    packages.SuspendPackage(id=package.id, kind="SUSPENSION_KIND_ABUSE")
    assert verify(service, package.username) == ("SUSPENDED", package.id)
    assert verify(service, package.username, OTHER_PASSWORD) == ("MISMATCH", "")
    packages.UnsuspendPackage(id=package.id, all=True)
    assert verify(service, package.username) == ("VERIFIED", package.id)
    packages.DeletePackage(id=package.id)
    assert verify(service, package.username) == ("SUSPENDED", package.id)
    packages.UndeletePackage(id=package.id)
    assert verify(service, package.username) == ("VERIFIED", package.id)


def test_a_username_of_another_account_is_a_mismatch(packages, called_as):
    package = packages.create()
    stranger = called_as("Service", account=unique("account"))
    assert verify(stranger, package.username) == ("MISMATCH", "")


def test_texts_that_are_too_long_are_refused_and_not_repeated(service):
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["username", "password"]) as error:
        verify(service, "u" * 33, "secret" * 43)
    assert "secretsecret" not in str(error.status)


def tried_out(service, username, expected):
    """Tries until the username was tried too often, as soon as it should be; the refusal."""
    began = time.monotonic()
    for tries in range(100):
        try:
            with refused("RESOURCE_EXHAUSTED", "TOO_MANY_ATTEMPTS") as error:
                answer = verify(service, username)
        except AssertionError:
            assert error.code is None, error.message
            assert answer == expected
            continue
        # Ten at once, and one more for each six seconds that this took.
        assert 10 <= tries <= 10 + (time.monotonic() - began) / 6
        assert 0 < error.retry_seconds <= 6
        return error
    raise AssertionError("never refused")


def test_a_username_is_tried_ten_times_a_minute_whoever_tries(packages, service, called_as):
    package = packages.create()
    error = tried_out(service, package.username, ("VERIFIED", package.id))
    assert error.message == "Too many attempts"
    assert int(error.metadata["grpc-retry-pushback-ms"]) == round(error.retry_seconds * 1000)
    # Others are not in it.
    other = packages.create()
    assert verify(service, other.username) == ("VERIFIED", other.id)
    time.sleep(error.retry_seconds + 0.1)
    caller = called_as("Service", sub="another-service")
    assert verify(caller, package.username) == ("VERIFIED", package.id)


def test_another_account_cannot_shut_a_username(packages, service, called_as):
    package = packages.create()
    stranger = called_as("Service", account=unique("account"))
    tried_out(stranger, package.username, ("MISMATCH", ""))
    assert verify(service, package.username) == ("VERIFIED", package.id)


def test_an_unknown_username_is_limited_as_a_known_one_is(service):
    tried_out(service, unique("nobody"), ("MISMATCH", ""))


def test_an_unknown_username_takes_as_long_as_a_known_one(packages, service):
    known = [packages.create().username for _ in range(10)]
    rounds = {"known": [], "unknown": []}
    for username in known:
        for kind, name in (("known", username), ("unknown", unique("nobody"))):
            began = time.perf_counter()
            assert verify(service, name, OTHER_PASSWORD) == ("MISMATCH", "")
            rounds[kind].append(time.perf_counter() - began)
    shortest = {kind: min(seconds) for kind, seconds in rounds.items()}
    # A hash takes many times as long as all the rest.
    assert 0.5 < shortest["unknown"] / shortest["known"] < 2, shortest


def test_reads_go_on_while_passwords_are_hashed(packages, service, daemon):
    package = packages.create()
    over = threading.Event()
    refusals = []

    def try_on():
        with daemon.channel() as channel:
            own = Packages(channel, role="Service")
            while not over.is_set():
                try:
                    verify(own, unique("nobody"))
                except grpc.RpcError as error:
                    refusals.append(error.code())

    threads = [threading.Thread(target=try_on) for _ in range(8)]
    for thread in threads:
        thread.start()
    try:
        time.sleep(0.2)
        seconds = []
        for _ in range(100):
            began = time.perf_counter()
            packages.get(package.id)
            seconds.append(time.perf_counter() - began)
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert not refusals
    # Eight hashes are waited for in 80 ms on two cores; a read waits for none.
    assert sorted(seconds)[50] < 0.05, sorted(seconds)[50]


def test_who_finds_no_place_to_wait_is_told_when_to_come_again(daemon):
    callers, answers, refusals = 120, [], []
    started = threading.Barrier(callers)

    def try_once():
        with daemon.channel() as channel:
            own = Packages(channel, role="Service")
            grpc.channel_ready_future(channel).result(timeout=30)
            started.wait(60)
            try:
                answers.append(verify(own, unique("nobody"))[0])
            except grpc.RpcError as error:
                refusals.append(error)

    threads = [threading.Thread(target=try_once) for _ in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) + len(refusals) == callers
    assert set(answers) == {"MISMATCH"}
    # Who has a place may wait for longer than a client does, on a slow machine.
    full = [each for each in refusals if each.code() != grpc.StatusCode.DEADLINE_EXCEEDED]
    assert full, "120 callers at once found 64 places enough"
    for each in full:
        with refused("RESOURCE_EXHAUSTED", "PASSWORD_QUEUE_FULL") as error:
            raise each
        assert 0 < error.retry_seconds < 5


def test_a_password_is_found_nowhere(own_daemon):
    password = "needle-in-a-haystack-0123456789"
    wrong = "thistle-in-a-haystack-987654321"
    own_daemon.start()
    with own_daemon.channel() as channel:
        packages, service = Packages(channel), Packages(channel, role="Service")
        watch = packages.watch()
        next(watch)
        package = packages.create(password=password)
        told = next(watch)
        watch.cancel()
        assert password not in str(told)
        assert password not in str(packages.get(package.id))
        assert verify(service, package.username, password) == ("VERIFIED", package.id)
        assert verify(service, package.username, wrong) == ("MISMATCH", "")
        with refused("INVALID_ARGUMENT") as error:
            packages.create(password=password + "\n")
        assert password not in str(error.status)
    own_daemon.kill()
    kept = {path: path.read_bytes() for path in own_daemon.folder.iterdir() if path.is_file()}
    assert any(b"$argon2id$v=19$m=19456,t=2,p=1$" in content for content in kept.values())
    for path, content in kept.items():
        for secret in (password, wrong):
            assert secret.encode() not in content, path
    hashes = [
        line for line in own_daemon.stderr.splitlines() if "argon2" in line]
    assert not hashes
