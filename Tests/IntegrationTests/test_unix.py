"""The daemon on a Unix socket, through an official client."""

import json
import time

import grpc
import pytest
from packd_testing.daemon import CHANNEL_OPTIONS
from packd_testing.plans import Catalogue, make_plan


@pytest.fixture
def socket_path(own_daemon, tmp_path):
    path = tmp_path / "packd.sock"
    own_daemon.options = ["--listen", f"unix:{path}"]
    own_daemon.start()
    return path


def test_a_grpc_client_calls_through_a_unix_socket(own_daemon, socket_path):
    with grpc.insecure_channel(f"unix:{socket_path}", options=CHANNEL_OPTIONS) as channel:
        admin = Catalogue(channel)
        plan = admin.CreatePlan(plan=make_plan("By Socket")).plan
        assert admin.GetPlan(id=plan.id).plan == plan
        # Long answers, too.
        for number in range(100):
            admin.CreatePlan(plan=make_plan(f"Long {number}", description="d" * 2000))
        assert len(admin.all_pages(page_size=1000)) > 100
    # TCP beside it shows the same.
    with own_daemon.channel() as channel:
        assert Catalogue(channel).GetPlan(id=plan.id).plan == plan
    own_daemon.stop()
    calls = [json.loads(line) for line in own_daemon.stderr.splitlines()]
    peers = {line["peer"] for line in calls if line["message"] == "call"}
    assert "unix" in peers and len(peers) == 2


def test_a_unix_socket_is_drained_too(own_daemon, socket_path):
    with grpc.insecure_channel(f"unix:{socket_path}", options=CHANNEL_OPTIONS) as channel:
        Catalogue(channel).GetPlan(code="vps")
        began = time.monotonic()
        own_daemon.stop()
        assert time.monotonic() - began < 5
        with pytest.raises(grpc.RpcError) as error:
            Catalogue(channel).GetPlan(code="vps")
        assert error.value.code() == grpc.StatusCode.UNAVAILABLE
    assert not socket_path.exists()
