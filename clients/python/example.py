"""Creates, reads, updates, lists and deletes a hosting plan.

example.py HOST:PORT TOKEN_FILE, with the token of an Admin.
"""

import sys
import uuid
from pathlib import Path

import grpc
from packd.v1 import catalogue_service_pb2 as catalogue
from packd.v1 import types_pb2 as types
from packd.v1.catalogue_service_pb2_grpc import CatalogueServiceStub


def walk(channel, token):
    plans = CatalogueServiceStub(channel)
    call = {"metadata": [("authorization", f"Bearer {token}")], "timeout": 10}

    plan = catalogue.Plan(
        name=f"Example {uuid.uuid4().hex[:8]}",
        kind=catalogue.PLAN_KIND_SHARED,
        disk_space_mb=types.Quota(limit=10_240),
        bandwidth_mb=types.Quota(unlimited=True),
        email_accounts=types.Quota(limit=25),
        databases=types.Quota(limit=5),
        price=types.Money(currency_code="USD", units=9, nanos=990_000_000),
        features=["Daily backups"],
        is_active=True,
    )
    # The request id makes it safe to send this again when no answer came.
    request = catalogue.CreatePlanRequest(plan=plan, request_id=str(uuid.uuid4()))
    plan = plans.CreatePlan(request, **call).plan
    print(f"created {plan.code}, id {plan.id}")

    plan = plans.GetPlan(catalogue.GetPlanRequest(code=plan.code), **call).plan
    print(f"read    {plan.code}, {plan.price.units} {plan.price.currency_code} a month")

    # The etag makes sure that nobody else has changed the plan meanwhile.
    request = catalogue.UpdatePlanRequest(plan=catalogue.Plan(id=plan.id, etag=plan.etag))
    request.plan.price.CopyFrom(types.Money(currency_code="USD", units=8))
    request.update_mask.paths.append("price")
    plan = plans.UpdatePlan(request, **call).plan
    print(f"updated {plan.code}, now version {plan.version}")

    request = catalogue.ListPlansRequest(order_by="price", page_size=100)
    while True:
        page = plans.ListPlans(request, **call)
        for listed in page.plans:
            print(f"listed  {listed.code}, {listed.price.units} {listed.price.currency_code}")
        if not page.next_page_token:
            break
        request.page_token = page.next_page_token

    plans.DeletePlan(catalogue.DeletePlanRequest(id=plan.id, etag=plan.etag), **call)
    print(f"deleted {plan.code}")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__.strip())
    token = Path(sys.argv[2]).read_text(encoding="utf-8").strip()
    with grpc.insecure_channel(sys.argv[1]) as channel:
        walk(channel, token)


if __name__ == "__main__":
    main()
