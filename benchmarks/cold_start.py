"""What an instance of the built Alexa package costs until its first turn is answered, against a stock skill that does nothing.

    python -m benchmarks.cold_start --package .aws-sam/build/AlexaFunction [--rounds 9] [--json]

A round starts each once in a process of its own, as the runtime on Lambda does: the package first on the path, its variables
set as the template sets them, the handler found by its name, one launch request in, one JSON response out. Ours reads the secret,
opens the store, looks which catalogue is published, reads the table and writes the turn. Theirs is ask-sdk's
`StandardSkillBuilder` with its DynamoDB adapter and one handler that says a word, and calls nothing. Both have every module
compiled beforehand, and run under this Python, which must be the package's.

AWS is moto's server, in the process that measures. CPU is user and system time of the whole process; memory is its peak (VmHWM).
Figures are the medians of the rounds' ratios. Goals: at most 0.5 of the CPU, at most 0.6 of the memory. Exits with 1 where one
is missed.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

GOAL_CPU, GOAL_MEMORY = 0.5, 0.6
SKILL_ID = "amzn1.ask.skill.simulated"
TABLE, SECRET, BUS, BUCKET = "store", "master", "orders", "catalogues"

#: What Lambda's runtime does with a package, less its loop.
RUNNER = """
import sys
folder, module = sys.argv[1:3]
sys.path[:0] = [folder]
import importlib, json
handler = importlib.import_module(module).handler
answer = json.dumps(handler(json.loads(sys.stdin.read()), None))
with open("/proc/self/status") as status:
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
print(json.dumps({"answer": answer, "peak_kb": peak}))
"""

#: As ask-sdk's documentation writes a skill whose attributes are kept in DynamoDB.
STOCK = """
from ask_sdk.standard import StandardSkillBuilder
from ask_sdk_core.dispatch_components import AbstractRequestHandler
from ask_sdk_core.utils import is_request_type


class Launch(AbstractRequestHandler):
    def can_handle(self, handler_input):
        return is_request_type("LaunchRequest")(handler_input)

    def handle(self, handler_input):
        return handler_input.response_builder.speak("Okay.").ask("What next?").response


builder = StandardSkillBuilder(table_name="store", auto_create_table=False)
builder.add_request_handler(Launch())
handler = builder.lambda_handler()
"""


class Started(NamedTuple):
    """What one start took, and what was said."""

    cpu_s: float
    peak_mb: float
    answer: str


def start(folder: Path, module: str, variables: dict[str, str], request: dict[str, Any]) -> Started:
    """One instance, from nothing to its first answer. Raises `RuntimeError` where it does not answer."""
    command = [sys.executable, "-S", "-c", RUNNER, str(folder), module]
    process = subprocess.Popen(
        command, env=variables, cwd="/", stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdin.write(json.dumps(request).encode())
    process.stdin.close()
    told, complained = process.stdout.read(), process.stderr.read()
    # The process's own times, and not those of every child so far.
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    process.stderr.close()
    if process.returncode:
        raise RuntimeError(f"{module} did not answer: {complained.decode()[-2000:]}")
    read = json.loads(told)
    return Started(used.ru_utime + used.ru_stime, read["peak_kb"] / 1024, read["answer"])


@contextmanager
def aws() -> Iterator[str]:
    """The address of moto's server, with the sample store's table and secret and the demonstration's household in them."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        fill(f"http://{host}:{port}")
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def fill(address: str) -> None:
    from botocore.session import get_session

    from skill.adapters.aws.publications import BucketPublications
    from skill.adapters.aws.table import table_definition
    from skill.app import build_app
    from skill.catalogues import import_catalogue, open_feed
    from skill.cli.demo import SAMPLE_CATALOGUE, ensure_demo_household, make_sample_store
    from skill.ports import Publication
    from skill.settings import Settings

    def client(service: str) -> Any:
        return get_session().create_client(
            service, region_name="us-east-1", endpoint_url=address,
            aws_access_key_id="benchmark", aws_secret_access_key="benchmark",
        )  # fmt: skip

    master = "a master key of no store" * 2
    client("dynamodb").create_table(**table_definition(TABLE))
    client("secretsmanager").create_secret(Name=SECRET, SecretString=json.dumps({"master": master}))
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        make_sample_store(data)
        app = build_app(
            Settings(data_dir=data, keys_dir=data / "keys", table=TABLE, master=master), dynamodb=client("dynamodb")
        )
        import_catalogue(app, open_feed(app, SAMPLE_CATALOGUE))
        ensure_demo_household(app)
        client("s3").create_bucket(Bucket=BUCKET)
        published = Publication(app.catalogue.version, app.catalogue.count, app.ports.clock.now_utc())
        BucketPublications(client("s3"), BUCKET, data).publish(app.catalogue.path, published)
        app.close()


def measure(package: Path, rounds: int) -> Iterator[tuple[Started, Started]]:
    """Ours and theirs, a pair a round."""
    from skill.simulator import SIMULATED_USER
    from skill.simulator.envelopes import AlexaEnvelopes

    request = AlexaEnvelopes(SIMULATED_USER, skill_id=SKILL_ID).launch()
    found = find_spec("ask_sdk")
    if found is None or not found.submodule_search_locations:
        raise RuntimeError("ask-sdk is not installed: pip install ask-sdk, or `make .venv/.installed-clients`")
    stock = Path(found.submodule_search_locations[0]).parent
    with aws() as address, tempfile.TemporaryDirectory() as folder:
        theirs = Path(folder) / "stock"
        theirs.mkdir()
        (theirs / "stock.py").write_text(STOCK, encoding="utf-8")
        subprocess.run([sys.executable, "-m", "compileall", "-q", str(theirs), *stock_modules(stock)], check=False)
        shared = {
            "PATH": os.defpath, "LANG": "en_US.UTF-8", "TZ": ":UTC", "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "benchmark", "AWS_SECRET_ACCESS_KEY": "benchmark",
            "AWS_ENDPOINT_URL": address, "AWS_LAMBDA_FUNCTION_NAME": "alexa", "PYTHONDONTWRITEBYTECODE": "1",
        }  # fmt: skip
        ours = shared | {
            "SAYSO_DATA_DIR": f"{folder}/data", "SAYSO_SEED_DIR": str(package / "data"), "SAYSO_SKILL_ID": SKILL_ID,
            "SAYSO_TABLE": TABLE, "SAYSO_SECRET": SECRET, "SAYSO_BUS": BUS, "SAYSO_CATALOGUE_BUCKET": BUCKET,
            "SAYSO_ACCOUNT_ISSUER": "https://id.example", "SAYSO_ACCOUNT_AUDIENCE": "sayso",
            "SAYSO_ACCOUNT_KEYS_URL": "https://id.example/keys",
        }  # fmt: skip
        for number in range(rounds + 1):
            pair = (
                start(
                    package,
                    "lambda.alexa",
                    ours,
                    {**request, "request": {**request["request"], "requestId": f"r{number}"}},
                ),
                start(theirs, "stock", shared | {"PYTHONPATH": str(stock)}, request),
            )
            if number:  # the first round fills the system's caches
                yield pair


def stock_modules(site: Path) -> list[str]:
    """What a stock skill imports, compiled like everything of ours."""
    names = ("ask_sdk", "ask_sdk_core", "ask_sdk_model", "ask_sdk_runtime", "ask_sdk_dynamodb", "boto3", "botocore",
             "s3transfer", "jmespath", "dateutil", "urllib3", "requests", "certifi", "idna", "charset_normalizer")  # fmt: skip
    return [str(site / name) for name in names if (site / name).is_dir()]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--package", type=Path, default=ROOT / ".aws-sam" / "build" / "AlexaFunction")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not (options.package / "lambda" / "alexa.py").is_file():
        parser.error(f"there is no package in {options.package}: `make build` makes one")
    pairs = list(measure(options.package.resolve(), options.rounds))
    cpu = median(ours.cpu_s / theirs.cpu_s for ours, theirs in pairs)
    memory = median(ours.peak_mb / theirs.peak_mb for ours, theirs in pairs)
    figures = {
        "cpu_ratio": cpu, "memory_ratio": memory,
        "ours": {"cpu_s": median(each.cpu_s for each, _ in pairs), "peak_mb": median(each.peak_mb for each, _ in pairs)},
        "theirs": {"cpu_s": median(each.cpu_s for _, each in pairs), "peak_mb": median(each.peak_mb for _, each in pairs)},
    }  # fmt: skip
    if options.json:
        print(json.dumps(figures))
    else:
        for name in ("ours", "theirs"):
            print(f"{name:<8} {figures[name]['cpu_s']:6.3f} s CPU {figures[name]['peak_mb']:7.1f} MB at the peak")
        print(f"CPU      {cpu:6.2f}   (goal {GOAL_CPU})")
        print(f"memory   {memory:6.2f}   (goal {GOAL_MEMORY})")
    return int(cpu > GOAL_CPU or memory > GOAL_MEMORY)


if __name__ == "__main__":
    sys.exit(main())
