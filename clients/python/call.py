"""Calls one method of packd, JSON in and out."""

import argparse
import json
import os
import sys
from pathlib import Path

import grpc
from google.protobuf import json_format, message_factory
from google.rpc import error_details_pb2  # noqa: F401, so that details can be shown as JSON
from grpc_status import rpc_status
from packd.v1 import catalogue_service_pb2, package_service_pb2, seller_package_service_pb2

FILES = (catalogue_service_pb2, package_service_pb2, seller_package_service_pb2)


def unary_methods():
    """Every unary method of the contract by its full name, packd.v1.Service/Method."""
    return {
        f"{service.full_name}/{method.name}": method
        for file in FILES
        for service in file.DESCRIPTOR.services_by_name.values()
        for method in service.methods
        if not (method.client_streaming or method.server_streaming)
    }


def find_method(name):
    """The full name and the descriptor of a method, whose package may be left out."""
    full_name = name.lstrip("/")
    if not full_name.startswith("packd.v1."):
        full_name = f"packd.v1.{full_name}"
    method = unary_methods().get(full_name)
    if method is None:
        raise ValueError(f"no unary method is called {name}; --list shows all")
    return full_name, method


def to_json(message):
    return json_format.MessageToJson(message, preserving_proto_field_name=True, ensure_ascii=False)


def call(channel, name, request_json, token=None, timeout=10.0):
    """Calls a method and returns its answer as a message.

    Raises ValueError for an unknown method, json_format.ParseError for JSON that is not its
    request, grpc.RpcError for an error of the call.
    """
    full_name, method = find_method(name)
    request = message_factory.GetMessageClass(method.input_type)()
    json_format.Parse(request_json, request)
    stub = channel.unary_unary(
        f"/{full_name}",
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=message_factory.GetMessageClass(method.output_type).FromString,
    )
    metadata = [("authorization", f"Bearer {token}")] if token else []
    return stub(request, timeout=timeout, metadata=metadata)


def describe(error):
    """A line with code and message, and each detail of an error as JSON."""
    lines = [f"{error.code().name}: {error.details()}"]
    status = rpc_status.from_call(error)
    for detail in status.details if status else ():
        try:
            lines.append(to_json(detail))
        except (TypeError, json_format.Error):
            lines.append(json.dumps({"@type": detail.type_url}))
    return "\n".join(lines)


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(
        prog="call.py",
        description="Calls one method of packd. Prints the answer as JSON to stdout. An error is "
        "printed to stderr, as code, message and details, and ends with exit status 1.",
        epilog="The bearer token is that of --token-file or --token, else what the environment "
        "variable PACKD_TOKEN holds. "
        "Example: call.py CatalogueService/GetPlan '{\"code\": \"vps\"}' --token-file FILE",
    )
    parser.add_argument("method", nargs="?", help="for example CatalogueService/GetPlan")
    parser.add_argument(
        "json", nargs="?", default="{}", help="the request; - reads stdin (default: {})"
    )
    parser.add_argument(
        "--server", default="127.0.0.1:50051", metavar="HOST:PORT", help="default: %(default)s"
    )
    parser.add_argument(
        "--tls-ca", metavar="FILE", help="call over TLS, and trust these certificates (PEM)"
    )
    token = parser.add_mutually_exclusive_group()
    token.add_argument("--token-file", metavar="FILE", help="file with the bearer token")
    token.add_argument("--token", help="the bearer token itself; others may see it in ps")
    parser.add_argument(
        "--timeout", type=float, default=10.0, metavar="SECONDS", help="default: %(default)s"
    )
    parser.add_argument("--list", action="store_true", help="list all methods, call none")
    options = parser.parse_args(arguments)
    if not options.list and options.method is None:
        parser.error("METHOD is missing, for example CatalogueService/GetPlan")
    return options


def find_token(options):
    """The bearer token to send; None or empty for none. Raises OSError."""
    if options.token_file:
        return Path(options.token_file).read_text(encoding="utf-8").strip()
    if options.token is not None:
        return options.token
    return os.environ.get("PACKD_TOKEN", "").strip()


def open_channel(options):
    """A channel to the server, over TLS if that is asked for. Raises OSError."""
    if options.tls_ca is None:
        return grpc.insecure_channel(options.server)
    roots = Path(options.tls_ca).read_bytes()
    return grpc.secure_channel(options.server, grpc.ssl_channel_credentials(roots))


def main(arguments=None):
    options = parse_arguments(arguments)
    if options.list:
        print("\n".join(sorted(unary_methods())))
        return 0
    try:
        token = find_token(options)
        request_json = sys.stdin.read() if options.json == "-" else options.json
        with open_channel(options) as channel:
            answer = call(channel, options.method, request_json, token, options.timeout)
    except grpc.RpcError as error:
        print(describe(error), file=sys.stderr)
        return 1
    except (OSError, ValueError, json_format.Error) as error:
        print(error, file=sys.stderr)
        return 1
    print(to_json(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
