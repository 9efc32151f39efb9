"""What keeps the daemon from starting, and what must not."""

import os
import socket
import sqlite3
import stat
import subprocess

import pytest
from packd_testing.daemon import find_binary, free_port
from packd_testing.plans import Catalogue, make_plan
from packd_testing.program import expect_refusal, run
from packd_testing.tokens import SECRET

DATA = 65
UNAVAILABLE = 69


@pytest.fixture
def serve(tmp_path):
    """Runs a daemon that is not expected to get as far as serving."""
    secret = tmp_path / "secret"
    secret.write_text(SECRET, encoding="utf-8")

    def start(*options, listen=None, store="memory:"):
        listen = listen or f"127.0.0.1:{free_port()}"
        return run("serve", "--jwt-secret-file", secret, "--listen", listen, "--store", store,
                   *options, folder=tmp_path)

    return start


@pytest.fixture
def busy():
    """An address that another process listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield f"127.0.0.1:{listener.getsockname()[1]}"


# MARK: Addresses


def test_a_busy_port_is_named(serve, busy):
    expect_refusal(serve(listen=busy), UNAVAILABLE, busy, "in use")


def test_a_second_address_that_is_busy_is_named(serve, busy):
    expect_refusal(serve("--listen", busy), UNAVAILABLE, busy, "in use")


def test_a_busy_probe_port_is_named(serve, busy):
    expect_refusal(serve("--admin-listen", busy), UNAVAILABLE, busy, "in use")


def test_an_address_that_is_not_ours_is_named(serve):
    expect_refusal(serve(listen="192.0.2.1:50051"), UNAVAILABLE, "192.0.2.1:50051")


def test_a_host_that_is_unknown_is_named(serve):
    expect_refusal(serve(listen="no-such-host.invalid:50051"), UNAVAILABLE, "no-such-host.invalid")


def test_a_refused_start_leaves_the_store_free(serve, busy, own_daemon):
    expect_refusal(serve(listen=busy, store=own_daemon.store), UNAVAILABLE, busy)
    own_daemon.start()
    own_daemon.stop()


# MARK: Unix sockets


def test_a_file_that_is_no_socket_is_never_removed(serve, tmp_path):
    path = tmp_path / "precious"
    path.write_text("kept", encoding="utf-8")
    expect_refusal(serve(listen=f"unix:{path}"), UNAVAILABLE, str(path), "not a socket")
    assert path.read_text(encoding="utf-8") == "kept"


def test_a_link_to_a_file_is_never_removed(serve, tmp_path):
    kept = tmp_path / "precious"
    kept.write_text("kept", encoding="utf-8")
    path = tmp_path / "link"
    path.symlink_to(kept)
    expect_refusal(serve(listen=f"unix:{path}"), UNAVAILABLE, str(path))
    assert path.is_symlink()
    assert kept.read_text(encoding="utf-8") == "kept"


def test_a_folder_in_the_place_of_a_socket_is_never_removed(serve, tmp_path):
    path = tmp_path / "folder"
    path.mkdir()
    expect_refusal(serve(listen=f"unix:{path}"), UNAVAILABLE, str(path))
    assert path.is_dir()


def test_a_socket_in_a_missing_folder_is_named(serve, tmp_path):
    path = tmp_path / "missing" / "packd.sock"
    expect_refusal(serve(listen=f"unix:{path}"), UNAVAILABLE, str(path), "No such file")


def test_a_socket_path_that_is_too_long_is_named(serve, tmp_path):
    path = tmp_path / ("long" * 40)
    expect_refusal(serve(listen=f"unix:{path}"), UNAVAILABLE, str(path), "long")


def test_a_socket_that_is_listened_on_is_not_stolen(serve, own_daemon, tmp_path):
    path = tmp_path / "packd.sock"
    first = own_daemon
    first.options = ["--listen", f"unix:{path}"]
    first.start()
    inode = path.stat().st_ino
    result = serve(listen=f"unix:{path}")
    expect_refusal(result, UNAVAILABLE, str(path), "another process")
    assert path.stat().st_ino == inode
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))
    first.stop()


def test_a_socket_that_a_killed_daemon_has_left_is_taken_over(own_daemon, tmp_path):
    path = tmp_path / "packd.sock"
    daemon = own_daemon
    daemon.options = ["--listen", f"unix:{path}"]
    daemon.start()
    daemon.kill()
    assert stat.S_ISSOCK(path.stat().st_mode)
    daemon.start()
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))
    daemon.stop()
    # A daemon that ends in good order takes its socket with it.
    assert not path.exists()


# MARK: The store


def as_nobody(*options):
    """The daemon without the privileges of root, for which no folder is closed."""
    return subprocess.run(
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", str(find_binary()),
         *map(str, options)],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=10, check=False)


@pytest.mark.skipif(os.getuid() != 0, reason="gives up the privileges of root")
def test_a_store_in_a_folder_that_is_closed_is_named(tmp_path):
    # pytest's own folders are closed to others.
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    secret = tmp_path / "secret"
    secret.write_text(SECRET, encoding="utf-8")
    path = tmp_path / "packd.db"
    result = as_nobody(
        "serve", "--jwt-secret-file", secret, "--listen", f"127.0.0.1:{free_port()}",
        "--store", f"sqlite:{path}")
    expect_refusal(result, UNAVAILABLE, str(path))


@pytest.mark.skipif(os.getuid() != 0, reason="gives up the privileges of root")
def test_a_secret_that_may_not_be_read_is_named(tmp_path):
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    secret = tmp_path / "secret"
    secret.write_text(SECRET, encoding="utf-8")
    secret.chmod(0o600)
    result = as_nobody("serve", "--jwt-secret-file", secret, "--store", "memory:")
    expect_refusal(result, 64, "--jwt-secret-file", str(secret))


def test_a_store_where_no_folder_can_be_is_named(serve, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    path = tmp_path / "file" / "packd.db"
    expect_refusal(serve(store=f"sqlite:{path}"), UNAVAILABLE, str(path))


def test_a_folder_in_the_place_of_the_store_is_named(serve, tmp_path):
    expect_refusal(serve(store=f"sqlite:{tmp_path}"), UNAVAILABLE, str(tmp_path))


def test_a_file_that_is_no_store_is_refused_and_left_alone(serve, tmp_path):
    path = tmp_path / "packd.db"
    path.write_bytes(b"not a database, but someone's thesis\n" * 100)
    before = path.read_bytes()
    expect_refusal(serve(store=f"sqlite:{path}"), DATA, str(path))
    assert path.read_bytes() == before


def test_a_store_of_another_program_is_refused_and_left_alone(serve, tmp_path):
    path = tmp_path / "packd.db"
    with sqlite3.connect(path) as database:
        database.execute("create table thesis (page text)")
    result = serve(store=f"sqlite:{path}")
    assert result.returncode in (DATA, UNAVAILABLE)
    expect_refusal(result, result.returncode, str(path))
    with sqlite3.connect(path) as database:
        assert database.execute("select name from sqlite_master").fetchall() == [("thesis",)]


def test_a_damaged_store_is_refused(serve, own_daemon, tmp_path):
    own_daemon.start()
    own_daemon.stop()
    path = tmp_path / "packd.db"
    data = bytearray(path.read_bytes())
    # All but the header's first bytes, which say that it is a database.
    data[40:4096] = b"\xa5" * (4096 - 40)
    path.write_bytes(data)
    expect_refusal(serve(store=f"sqlite:{path}"), DATA, str(path), "damaged")


# MARK: Descriptors


def closing(*descriptors):
    """A shell command that runs its arguments with some of the standard descriptors closed."""
    return ["sh", "-c", 'exec "$@" ' + " ".join(f"{number}>&-" for number in descriptors), "sh"]


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)], ids=str)
def test_it_serves_with_standard_descriptors_closed(closed, own_daemon):
    daemon = own_daemon
    daemon.wrapper = closing(*closed)
    daemon.start()
    with daemon.channel() as channel:
        plan = Catalogue(channel).CreatePlan(plan=make_plan("Undisturbed")).plan
        assert Catalogue(channel).GetPlan(id=plan.id).plan == plan
    # None of them came to be something that the log is then written into.
    opened = {
        number: os.readlink(f"/proc/{daemon.process.pid}/fd/{number}") for number in closed}
    assert set(opened.values()) == {"/dev/null"}, opened
    daemon.stop()


def test_a_refusal_needs_no_stderr():
    result = subprocess.run(
        [*closing(2), str(find_binary()), "serve", "--nonsense"], stdin=subprocess.DEVNULL,
        capture_output=True, timeout=10, check=False)
    assert (result.returncode, result.stdout) == (64, b"")


def test_a_refusal_to_a_reader_that_has_gone_is_still_a_refusal():
    reading, writing = os.pipe()
    os.close(reading)
    try:
        result = subprocess.run(
            [str(find_binary()), "serve", "--nonsense"], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=writing, timeout=10, check=False)
    finally:
        os.close(writing)
    assert result.returncode == 64


@pytest.mark.parametrize("options", [[], ["--dev"]], ids=["serve", "--dev"])
def test_readers_of_its_output_that_have_gone_do_not_end_it(options, own_daemon):
    daemon = own_daemon
    keys = [] if options else ["--jwt-secret-file", str(daemon.secret_file)]
    reading, writing = os.pipe()
    os.close(reading)
    daemon.process = subprocess.Popen(
        [str(find_binary()), "serve", *options, *keys, "--listen", daemon.address, "--store",
         "memory:", "--admin-listen", f"127.0.0.1:{daemon.admin_port}"],
        stdin=subprocess.DEVNULL, stdout=writing, stderr=writing)
    os.close(writing)
    daemon.wait_until_ready()
    with daemon.channel() as channel:
        channel.unary_unary("/packd.v1.CatalogueService/Nope").future(b"").exception(5)
    daemon.stop()


def test_a_log_that_nobody_reads_does_not_hold_up_its_end(own_daemon):
    reading, writing = os.pipe()
    daemon = own_daemon
    daemon.stderr_descriptor = writing
    daemon.start()
    os.close(writing)
    with daemon.channel() as channel:
        catalogue = Catalogue(channel)
        # More lines than a pipe holds.
        for _ in range(800):
            catalogue.GetPlan(code="vps")
    daemon.stop(within=5)
    os.close(reading)


def test_it_takes_as_many_descriptors_as_it_may(own_daemon):
    daemon = own_daemon
    daemon.wrapper = ["prlimit", "--nofile=128:4000"]
    daemon.start()
    limits = open(f"/proc/{daemon.process.pid}/limits", encoding="ascii").read()
    line = next(line for line in limits.splitlines() if line.startswith("Max open files"))
    assert line.split()[3:5] == ["4000", "4000"]
    daemon.stop()
