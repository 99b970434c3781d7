"""The usage service as another company's client sees it: from the proto files alone."""

import hashlib
import os
import sys
import tempfile

import grpc
import grpc_tools
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from grpc_tools import protoc


def _stubs(proto):
    """Generates stubs of the contract into a folder that ends with this process."""
    folder = tempfile.TemporaryDirectory()
    well_known = os.path.join(os.path.dirname(grpc_tools.__file__), "_proto")
    files = [
        "gazelle/access/v1/access.proto",
        "gazelle/usage/v1/error_reason.proto",
        "gazelle/usage/v1/resources.proto",
        "gazelle/usage/v1/usage_service.proto",
    ]
    out = [f"--python_out={folder.name}", f"--grpc_python_out={folder.name}"]
    if protoc.main(["protoc", f"-I{proto}", f"-I{well_known}", *out, *files]) != 0:
        sys.exit("protoc failed")
    sys.path.insert(0, folder.name)
    return folder


_folder = _stubs(os.environ["PROTO"])

from gazelle.usage.v1 import resources_pb2 as resources  # noqa: E402
from gazelle.usage.v1 import usage_service_pb2 as messages  # noqa: E402
from gazelle.usage.v1 import usage_service_pb2_grpc as services  # noqa: E402

PLATFORM = os.environ["PLATFORM"]
PERIOD = "2017-03"
METADATA = [("authorization", f"Bearer {os.environ['TOKEN']}")]
REPORT_USAGE = "/gazelle.usage.v1.UsageService/ReportUsage"


def _read(file):
    with open(file, "rb") as content:
        return content.read()


def channel(certificate=None):
    """A connection of its own: by default channels to one address share one.

    A certificate is shown with the key in `KEY`.
    """
    shown = (_read(os.environ["KEY"]), _read(certificate)) if certificate else ()
    trusted = grpc.ssl_channel_credentials(_read(os.environ["CA"]), *shown)
    options = [("grpc.use_local_subchannel_pool", 1)]
    return grpc.secure_channel(os.environ["ADDRESS"], trusted, options)


def stub(to):
    return services.UsageServiceStub(to)


def records(count, prefix="r"):
    for at in range(count):
        yield resources.UsageRecord(
            record_id=f"{prefix}{at}",
            merchant_id=f"shop-{at % 997}",
            fee_kind="COMMISSION",
            occurred_on="2017-03-05",
            amount_fen=1 + at % 1000,
        )


def batch(sequence, sent):
    return messages.ReportUsageRequest(
        sequence=sequence, platform_id=PLATFORM, period=PERIOD, records=sent
    )


class Receipt:
    """What a client keeps for itself, by the words of resources.proto."""

    def __init__(self):
        self.count, self.total, self.digest = 0, 0, 0

    def add(self, record):
        parts = (
            PLATFORM,
            PERIOD,
            record.record_id,
            record.merchant_id,
            record.fee_kind,
            record.occurred_on,
            str(record.amount_fen),
            record.reverses_record_id,
        )
        form = "\x1f".join(parts).encode()
        self.count += 1
        self.total += record.amount_fen
        self.digest += int.from_bytes(hashlib.sha256(form).digest(), "big")

    def message(self):
        return resources.Receipt(
            record_count=self.count,
            total_fen=self.total,
            digest=f"{self.digest % 2**256:064x}",
        )


def held(to):
    """What the service holds of the period."""
    request = messages.GetPeriodRequest(platform_id=PLATFORM, period=PERIOD)
    try:
        return stub(to).GetPeriod(request, metadata=METADATA, timeout=60).period.received
    except grpc.RpcError as error:
        if error.code() == grpc.StatusCode.NOT_FOUND:
            return Receipt().message()
        raise


def refusal(error):
    """Code and reason of a refusal."""
    status = rpc_status.from_call(error)
    for detail in status.details if status else []:
        info = error_details_pb2.ErrorInfo()
        if detail.Unpack(info):
            return error.code().name, info.reason
    return error.code().name, None


def equal(found, expected, what):
    if found != expected:
        sys.exit(f"{what}:\n{found!r}\nwhere this was expected:\n{expected!r}")
