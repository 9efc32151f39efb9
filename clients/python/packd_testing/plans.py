"""The catalogue as tests call it."""

from packd.v1 import catalogue_service_pb2 as catalogue
from packd.v1 import types_pb2 as types

from .tokens import bearer, make_token

SERVICE = "/packd.v1.CatalogueService/"

SEEDED_CODES = {"shared-basic", "shared-premium", "reseller", "vps", "dedicated"}

# Every method: its request, its response, and the roles that may call it.
METHODS = {
    "ListPlans": (
        catalogue.ListPlansRequest, catalogue.ListPlansResponse,
        {"Admin", "Support", "Sales", "Service"},
    ),
    "ListActivePlans": (
        catalogue.ListActivePlansRequest, catalogue.ListActivePlansResponse,
        {"Admin", "Support", "Sales", "Service"},
    ),
    "GetPlan": (
        catalogue.GetPlanRequest, catalogue.GetPlanResponse,
        {"Admin", "Support", "Sales", "Service"},
    ),
    "CreatePlan": (catalogue.CreatePlanRequest, catalogue.CreatePlanResponse, {"Admin"}),
    "UpdatePlan": (catalogue.UpdatePlanRequest, catalogue.UpdatePlanResponse, {"Admin"}),
    "DeletePlan": (catalogue.DeletePlanRequest, catalogue.DeletePlanResponse, {"Admin"}),
    "ListPlanVersions": (
        catalogue.ListPlanVersionsRequest, catalogue.ListPlanVersionsResponse,
        {"Admin", "Support", "Sales"},
    ),
}

TIMEOUT_SECONDS = 10


def quota(limit=None):
    """A limit, or no bound."""
    return types.Quota(unlimited=True) if limit is None else types.Quota(limit=limit)


def money(units, nanos=0, currency_code="USD"):
    return types.Money(currency_code=currency_code, units=units, nanos=nanos)


def make_plan(name, **fields):
    """A valid plan, with some fields as given."""
    values = {
        "kind": catalogue.PLAN_KIND_SHARED,
        "description": f"All about {name}",
        "disk_space_mb": quota(10_240),
        "bandwidth_mb": quota(),
        "email_accounts": quota(25),
        "databases": quota(0),
        "price": money(9, 990_000_000),
        "setup_fee": money(5),
        "features": ["Backups", "Zürich"],
        "is_active": True,
        "disk_space_overuse": catalogue.OVERUSE_ACTION_NOTIFY,
        "bandwidth_overuse": catalogue.OVERUSE_ACTION_BLOCK,
        **fields,
    }
    return catalogue.Plan(name=name, **{k: v for k, v in values.items() if v is not None})


class Catalogue:
    """Calls the methods of CatalogueService by name, as one user; keyword arguments are the
    fields of the request."""

    def __init__(self, channel, token=None):
        self.channel = channel
        self.metadata = bearer(token or make_token())

    def __getattr__(self, method):
        request_type, response_type, _ = METHODS[method]
        return lambda **fields: self._send(
            method, request_type(**fields), response_type.FromString)[0]

    def raw(self, method, **fields):
        """The bytes of the answer, and its trailing metadata."""
        return self._send(method, METHODS[method][0](**fields), None)

    def _send(self, method, request, deserializer):
        stub = self.channel.unary_unary(
            SERVICE + method,
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=deserializer,
        )
        answer, call = stub.with_call(
            request, timeout=TIMEOUT_SECONDS, metadata=self.metadata)
        return answer, dict(call.trailing_metadata())

    def all_pages(self, method="ListPlans", **fields):
        """Every plan of every page."""
        plans = []
        while True:
            page = getattr(self, method)(**fields)
            plans.extend(page.plans)
            if not page.next_page_token:
                return plans
            fields["page_token"] = page.next_page_token
