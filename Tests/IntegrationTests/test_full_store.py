"""A store that cannot grow: writes are refused, reads go on, and nothing has to be restarted."""

import resource

from packd_testing.errors import refused
from packd_testing.plans import Catalogue, make_plan

# More than enough plans to meet the limit.
MOST_PLANS = 2_000
DESCRIPTION = "x" * 1_900


def limit_file_size(daemon, size):
    hard = resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE)[1]
    resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (size, hard))


def fill(admin):
    """The names of the plans that were acknowledged before the store was full."""
    names = []
    with refused("RESOURCE_EXHAUSTED", "STORAGE_FULL"):
        for number in range(MOST_PLANS):
            name = f"Plan {number}"
            admin.CreatePlan(plan=make_plan(name, description=DESCRIPTION))
            names.append(name)
    return names


def test_a_file_that_may_not_grow_refuses_writes_and_recovers(own_daemon):
    own_daemon.start()
    limit_file_size(own_daemon, 512 * 1024)
    with own_daemon.channel() as channel:
        admin = Catalogue(channel)
        names = fill(admin)
        assert names
        stored = {plan.name for plan in admin.all_pages()}
        assert stored.issuperset(names)
        assert f"Plan {len(names)}" not in stored
        limit_file_size(own_daemon, resource.RLIM_INFINITY)
        admin.CreatePlan(plan=make_plan("Room again"))
    own_daemon.restart()
    with own_daemon.channel() as channel:
        assert {plan.name for plan in Catalogue(channel).all_pages()} == stored | {"Room again"}
