#!/usr/bin/env python3
"""Drives the `gazelle` binary through acceptance packs and compares every result with the expected files, byte for byte.

usage: check.py GAZELLE_BINARY [--pack DIR ...] [--usage DIR ...] [--runs N]
Without --pack: the packs beside this file. --usage: packs whose usage is reported (default: the pack's own).
--runs N: only the first N runs of each pack. Python's standard library alone. Ends 0 where all agrees; else 1 with the
first difference. README.md beside this file describes the packs and the commands that it calls.
"""
import argparse, csv, json, os, pathlib, shutil, signal, subprocess, sys, tempfile, time

here = pathlib.Path(__file__).resolve().parent
GAZELLE = None                                  # set by arguments()


def arguments(about, xsd=False):
    global GAZELLE
    ap = argparse.ArgumentParser(description=about)
    ap.add_argument("gazelle")
    ap.add_argument("--pack", type=pathlib.Path, action="append")
    ap.add_argument("--usage", type=pathlib.Path, action="append")
    ap.add_argument("--runs", type=int, default=10**6)
    ap.add_argument("--keep", action="store_true", help="keep the data directories and say where they are")
    if xsd:
        ap.add_argument("--xsd", type=pathlib.Path, help="the XSD of pain.001.001.09")
    a = ap.parse_args()
    GAZELLE = str(pathlib.Path(a.gazelle).resolve())
    return a


class Differs(Exception):
    pass


def rows(path):
    with open(path, newline="", encoding="utf-8") as f:
        yield from csv.DictReader(f)


class Suite:
    """`gazelle up` on a home of its own."""

    def __init__(self, home):
        self.home, self.server = home, None

    def up(self):
        self.log = open(self.home / "server.log", "a")
        self.server = subprocess.Popen([GAZELLE, "--home", self.home / "data", "up"], stdout=self.log, stderr=subprocess.STDOUT)
        self.run("status", "--wait", "120")

    def kill(self):
        self.server.kill()
        self.server.wait()

    def down(self):
        self.server.send_signal(signal.SIGTERM)
        code = self.server.wait(30)
        if code:
            raise Differs(f"`gazelle up` ended {code} on SIGTERM, not 0")

    def ask(self, *args, who="admin"):
        return subprocess.run([GAZELLE, "--home", self.home / "data", "--as", who, *map(str, args)], capture_output=True, timeout=900)

    def run(self, *args, who="admin"):
        p = self.ask(*args, who=who)
        if p.returncode:
            raise Differs(f"gazelle {' '.join(map(str, args))}: exit {p.returncode}\n{p.stdout[-500:].decode()}{p.stderr[-1500:].decode()}")
        return p.stdout

    def refused(self, reason, *args, who="admin"):
        p = self.ask(*args, who=who)
        said = (p.stdout + p.stderr).decode()
        if p.returncode != 1 or reason not in said or not p.stderr.strip():
            raise Differs(f"gazelle {' '.join(map(str, args))}: exit {p.returncode}, expected 1 with {reason}; said {said[-300:]!r}")


def keep_logs(home):
    """For `scan-logs`, which looks for what is somebody's in what all tests made the services and their database log."""
    kept = pathlib.Path(GAZELLE).parent / "test-logs"
    for log in (home / "server.log", home / "data/postgres.log"):
        if kept.is_dir() and log.exists():
            shutil.copy(log, kept / f"{home.name}-{log.name}")


def same(name, got, want):
    if got == want:
        return
    g, w = got.split(b"\n"), want.split(b"\n")
    for i in range(max(len(g), len(w))):
        x, y = (g[i] if i < len(g) else b"nothing"), (w[i] if i < len(w) else b"nothing")
        if x != y:
            raise Differs(f"{name} line {i + 1}: got {x!r}, expected {y!r} ({len(g)} lines, expected {len(w)})")


def results(pack):
    """The pack's expected tables by run number: each as `settlement show` prints it. A file holds one table of all runs, after a run column."""
    tables = {}
    for table in ("enterprises", "lines", "exclusions"):
        header, *lines = (pack / "expected" / f"{table}.csv").read_text(encoding="utf-8").splitlines()
        of_run = {number: [header.partition(",")[2]] for number, _ in enumerate(rows(pack / "runs.csv"), 1)}
        for line in lines:
            number, _, row = line.partition(",")
            of_run[int(number)].append(row)
        tables[table] = {number: "".join(f"{row}\n" for row in of_run[number]) for number in of_run}
    return tables


def in_order(programs):
    """A program after those that it yields to."""
    done = []
    while programs:
        ready = [p for p in programs if all(x in [json.load(open(d))["program_id"] for d in done] for x in json.load(open(p)).get("excludes", []))]
        done += ready
        if not ready:
            raise Differs("the pack's programs yield to each other in a circle, or to an unknown one")
        programs = [p for p in programs if p not in ready]
    return done


def import_twice(pack, suite):
    """What the pack is about; importing it again changes nothing."""
    for again in (False, True):
        for kind in ("enterprise", "filing", "merchant", "suspension"):
            suite.run(kind, "import", pack / f"{kind}s.csv", who="registrar" if again else "admin")
        for f in in_order(sorted((pack / "programs").glob("*.json"))):
            suite.run("program", "apply", f, who="officer")
        suite.run("enrollment", "import", pack / "enrollments.csv", who="officer")


def report_twice(s, month, suite):
    """A month as its statement says; reporting it again is all duplicates."""
    file, count = s["pack"] / "usage" / s["platform_id"] / f"{s['period']}.csv", int(s["record_count"])
    for accepted, duplicates in ((count, 0), (0, count)):
        r = json.loads(suite.run("usage", "report", *month, "--output", "json", file, who=f"platform:{s['platform_id']}"))
        got, want = {k: int(r[k]) for k in ("accepted", "duplicates", "rejected")}, {"accepted": accepted, "duplicates": duplicates, "rejected": 0}
        if got != want:
            raise Differs(f"usage report {s['platform_id']} {s['period']}: {got}, expected {want}")
    return file, count


def report(pack, statements, suite):
    """Reports, states and seals every month, and returns how many records these have."""
    records = 0
    for number, s in enumerate(statements):
        month, who = ("--platform", s["platform_id"], "--period", s["period"]), f"platform:{s['platform_id']}"
        file, count = report_twice(s, month, suite)
        if number == 0:
            suite.run("usage", "state", *month, "--record-count", count + 1, "--total-fen", s["total_fen"], who=who)
            suite.refused("STATEMENT_MISMATCH", "usage", "seal", *month, who="officer")
            suite.refused("PERMISSION_DENIED", "usage", "report", *month, file, who="auditor")
        suite.run("usage", "state", *month, "--record-count", count, "--total-fen", s["total_fen"], who=who)
        if number == len(statements) - 1:
            r = list(rows(pack / "runs.csv"))[-1]
            suite.refused("PERIOD_NOT_SEALED", "settlement", "compute", "--program", r["program_id"], "--year", s["period"][:4], "--through", s["period"], who="officer")
        suite.run("usage", "seal", *month, who="officer")
        records += count
    return records


def refuse_late(s, suite):
    """A record for a month that is sealed."""
    late = suite.home / "late.csv"
    late.write_text(f"record_id,merchant_id,fee_kind,occurred_on,amount_fen,reverses_record_id\nlate-1,nobody,COMMISSION,{s['period']}-01,100,\n")
    suite.refused("PERIOD_SEALED", "usage", "report", "--platform", s["platform_id"], "--period", s["period"], late, who=f"platform:{s['platform_id']}")


def settle(runs, expected, suite):
    """Computes the runs, compares each with what is expected, and approves it."""
    for number, r in enumerate(runs, 1):
        run = f"{number:03d} {r['program_id']} {r['year']} {r['through']}"
        which = ("--program", r["program_id"], "--year", r["year"], "--through", r["through"])
        who = "admin" if number == 1 else "officer"
        run_id = json.loads(suite.run("settlement", "compute", *which, "--output", "json", who=who))["run_id"]
        for table, want in expected.items():
            same(f"{run} {table}", suite.run("settlement", "show", run_id, "--table", table, "--output", "csv", who="auditor"), want[number].encode())
        if number == 1:
            suite.refused("RUN_OPEN", "settlement", "compute", *which, who="officer")
            suite.refused("RUN_NOT_PUBLISHED", "settlement", "approve", run_id, who="approver")
        suite.run("settlement", "publish", run_id, who=who)
        if number == 1:                         # admin may approve, but not what admin computed
            suite.refused("SELF_APPROVAL", "settlement", "approve", run_id, who="admin")
            suite.refused("PERMISSION_DENIED", "settlement", "approve", run_id, who="officer")
        suite.run("settlement", "approve", run_id, who="approver")


def check(pack, usage, suite, runs_max):
    began = time.monotonic()
    name, expected = pack.name, results(pack)   # the binary sees copies, away from the answers
    for i, u in enumerate(usage):
        shutil.copytree(u / "usage", suite.home / f"in{i}" / "usage")
        shutil.copy(u / "statements.csv", suite.home / f"in{i}")
    usage = [suite.home / f"in{i}" for i in range(len(usage))]
    shutil.copytree(pack, suite.home / "pack", ignore=shutil.ignore_patterns("expected", "usage"))
    pack = suite.home / "pack"
    suite.up()
    import_twice(pack, suite)
    imported = time.monotonic()
    statements = sorted((s for u in usage for s in ({**s, "pack": u} for s in rows(u / "statements.csv"))), key=lambda s: s["period"])
    records = report(pack, statements, suite)
    reported = time.monotonic()
    refuse_late(statements[-1], suite)
    suite.kill()
    suite.up()                                  # nothing that was acknowledged is lost
    runs = list(rows(pack / "runs.csv"))[:runs_max]
    settle(runs, expected, suite)
    done = time.monotonic()
    suite.down()
    print(f"{name}: up and imported twice {imported - began:.1f} s; {records} records sent twice, stated, sealed {reported - imported:.1f} s; "
          f"{len(runs)} runs to the fen {done - reported:.1f} s", flush=True)


def over_packs(a, run):
    """Calls run(pack, usage, suite, runs_max) for each pack, on a suite and a home of its own."""
    for pack in a.pack or [here / "edges", here / "clawbacks"]:
        home, code = pathlib.Path(tempfile.mkdtemp(prefix="gazelle-acceptance-")), 0
        os.chmod(home, 0o755)
        suite = Suite(home)
        try:
            run(pack, a.usage or [pack], suite, a.runs)
        except (Differs, subprocess.TimeoutExpired, ValueError, KeyError) as e:
            code = 1
            print(f"{pack.name}: {type(e).__name__}: {e}")
        finally:
            if suite.server and suite.server.poll() is None:
                suite.server.kill()
                suite.server.wait()
            keep_logs(home)
        if a.keep or code:
            print("data and server.log:", home)
        else:
            shutil.rmtree(home, ignore_errors=True)
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(over_packs(arguments(__doc__), check))
