"""CreatePlan requests, each with a code of its own, encoded by the generated code."""
from packd.v1 import catalogue_service_pb2 as catalogue
from packd.v1 import types_pb2 as types

CREATE = "/packd.v1.CatalogueService/CreatePlan"
MARK = b"plan-00000000"


def creations(start, count):
    """`count` encoded requests, for plans that are numbered from `start`."""
    plan = catalogue.Plan(
        code=MARK.decode(), name="Shared Premium", kind=catalogue.PLAN_KIND_SHARED,
        description="For small shops and agencies: fast disks, daily backups, mail included.",
        disk_space_mb=types.Quota(limit=51_200), bandwidth_mb=types.Quota(unlimited=True),
        email_accounts=types.Quota(limit=100), databases=types.Quota(limit=25),
        price=types.Money(currency_code="USD", units=9, nanos=990_000_000),
        features=["Daily backups", "Free SSL", "SSH access"], is_active=True)
    before, after = catalogue.CreatePlanRequest(plan=plan).SerializeToString().split(MARK)
    for number in range(start, start + count):
        yield before + b"plan-%08d" % number + after
