"""GetPlan by Python's grpcio, answered from a dictionary; no token, no log. Argument: port."""
import sys
from concurrent import futures

import grpc
from packd.v1 import catalogue_service_pb2 as catalogue
from packd.v1 import catalogue_service_pb2_grpc as services
from packd.v1 import types_pb2 as types


def plan(number):
    made = catalogue.Plan(
        id=number, code="shared-basic", name="Shared Basic",
        description="One small web site on a shared server.", kind=catalogue.PLAN_KIND_SHARED,
        disk_space_mb=types.Quota(limit=10_240), bandwidth_mb=types.Quota(limit=102_400),
        email_accounts=types.Quota(limit=10), databases=types.Quota(limit=1),
        price=types.Money(currency_code="USD", units=4, nanos=990_000_000),
        features=["Free TLS certificate", "Weekly backup"], is_active=True, version=1,
        etag="0123456789a")
    made.create_time.seconds = made.update_time.seconds = 1_760_000_000
    return made


class Catalogue(services.CatalogueServiceServicer):
    def __init__(self):
        self.plans = {number: plan(number) for number in range(1, 1001)}

    def GetPlan(self, request, context):
        found = self.plans.get(request.id)
        if found is None:
            context.abort(grpc.StatusCode.NOT_FOUND, "Plan not found")
        return catalogue.GetPlanResponse(plan=found)


server = grpc.server(futures.ThreadPoolExecutor(4))
services.add_CatalogueServiceServicer_to_server(Catalogue(), server)
server.add_insecure_port(f"127.0.0.1:{sys.argv[1]}")
server.start()
server.wait_for_termination()
