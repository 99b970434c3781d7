#!/usr/bin/env python3
"""Takes the runs of acceptance packs to money paid (PAYMENT.md): accounts, orders, a bank that settles, returns and takes back, often only
after later runs, and the books; and compares payments, balances and ledger with a reckoning of its own.

usage: pay.py GAZELLE_BINARY [--pack DIR ...] [--usage DIR ...] [--runs N] [--xsd FILE]
As check.py, which it uses. What the bank answers follows from SHA-256 of names, so that every run of it is the same.
The XSD of pain.001 (--xsd), hledger and bean-check are used where the machine has them (and it says so where not).
"""
import csv, hashlib, io, json, re, shutil, subprocess, sys, time, unicodedata, xml.etree.ElementTree as ET
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from types import SimpleNamespace
import check
from check import Differs, in_order, results, rows, same

NS = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}
XSD = None                                      # set by arguments()
HEADER = ("payee_id", "account_name", "account_number", "bank_code", "bank_name")


def chance(*parts):
    return int(hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:8], 16) / 2**32


class Books:
    """PAYMENT.md's balances, reckoned from the packs' expected results."""

    def __init__(self):
        self.items = defaultdict(list)          # (program, payee) -> open [run, amount], all of one sign
        self.given, self.in_payment, self.paid = defaultdict(int), defaultdict(int), defaultdict(int)
        self.years = defaultdict(int)           # (program, year) -> what its approved runs gave

    def post(self, key, run, amount):
        items = self.items[key]
        while amount and items and (items[0][1] > 0) != (amount > 0):
            taken = min(abs(amount), abs(items[0][1])) * (1 if amount > 0 else -1)
            items[0][1] += taken
            amount -= taken
            if not items[0][1]:
                items.pop(0)
        if amount:                              # all that is left of a run is in one place: here, or in one payment
            items.append([run, amount])
            items.sort(key=lambda item: item[0])

    def give(self, key, run, year, amount):
        if amount:
            self.given[key] += amount
            self.years[key[0], year] += amount
            self.post(key, run, amount)

    def open(self, key):
        return sum(amount for _, amount in self.items[key])

    def take(self, key):
        items, self.items[key] = self.items[key], []
        self.in_payment[key] += sum(amount for _, amount in items)
        return items

    def back(self, key, items, settled=False):
        (self.paid if settled else self.in_payment)[key] -= sum(amount for _, amount in items)
        for run, amount in items:
            self.post(key, run, amount)

    def settle(self, key, items):
        amount = sum(a for _, a in items)
        self.in_payment[key] -= amount
        self.paid[key] += amount

    def balance(self, key):
        owed = self.open(key)
        return self.given[key], max(owed, 0), self.in_payment[key], self.paid[key], max(-owed, 0)


def table(header, data):
    out = io.StringIO()
    w = csv.writer(out, lineterminator="\n")
    w.writerow(header)
    w.writerows(sorted(data))
    return out.getvalue().encode()


def yuan(fen):
    return f"{fen // 100}.{fen % 100:02d}"


class Payments:
    def __init__(self, pack, suite):
        self.suite, self.books, self.results = suite, Books(), results(pack)
        self.names = {e["uscc"]: e["name"] for e in rows(pack / "enterprises.csv")}
        self.programs = {p["program_id"]: p for p in (json.load(open(f)) for f in (pack / "programs").glob("*.json"))}
        self.accounts, self.by, self.blocked, self.files = {}, {}, set(), 0
        self.seen, self.orders, self.waiting = {}, 0, []             # seen: EndToEndId -> amount

    def row(self, p, attempt):
        return self.names.get(p, p), str(int(chance("number", p, attempt) * 10**16)).zfill(16), "10" + str(int(chance("bank", p) * 10**10)).zfill(10)

    def file(self, data):
        """A CSV of accounts; some names in full width with spaces around, which is the same name."""
        self.files += 1
        f = self.suite.home / f"accounts-{self.files}.csv"
        wide = lambda p, name: " " + "".join(chr(ord(c) + 0xfee0) if "!" <= c <= "~" else c for c in name) + " " if chance("wide", p) < 0.1 else name
        f.write_bytes(table(HEADER, [(p, wide(p, name), number, bank, "工商银行杭州分行") for p, name, number, bank in data]))
        return f

    def propose(self, payees, attempt, who="registrar", confirm=True):
        """Proposes accounts, and confirms them as somebody else."""
        if not payees:
            return
        f = self.file([(p, *self.row(p, attempt)) for p in payees])
        self.suite.refused("PERMISSION_DENIED", "account", "import", f, who="approver")
        self.suite.run("account", "import", f, who=who)
        if who == "admin":
            self.suite.refused("SELF_APPROVAL", "account", "confirm", payees[0], who="admin")
        if confirm:
            self.confirm(payees, attempt, who)

    def confirm(self, payees, attempt, who="registrar", every=False):
        which = ["--all"] if every else payees
        self.suite.refused("PERMISSION_DENIED", "account", "confirm", *which, who="registrar")
        self.suite.run("account", "confirm", *which, who="approver")
        for p in payees:
            self.accounts[p], self.by[p] = self.row(p, attempt), who
        self.blocked -= set(payees)

    def first_accounts(self, payees):
        """Most payees get one, proposed by the registrar or, a few, by admin; the others' are never confirmed."""
        have = [p for p in payees if chance("account", p) < 0.95]
        self.propose([p for p in have if chance("by", p) >= 0.2], 0)
        self.propose([p for p in have if chance("by", p) < 0.2], 0, who="admin")
        data = [("nobody", *self.row("nobody", "bad")), (have[0], *self.row(have[0], "good"))]
        for i, p in enumerate(have[1:]):        # bad ones for all who have one: none of them may ever be paid to
            name, number, bank = self.row(p, "bad")
            data.append((p, *[(name + "x", number, bank), (name, number[:4], bank), (name, number + "x", bank), (name, number * 2 + "123", bank),
                              (name, number, bank[:11]), (name, number, bank[:11] + "X")][i % 6]))
        self.suite.refused("", "account", "import", self.file(data), who="registrar")
        self.confirm([have[0]], "good", every=True)
        self.propose([p for p in payees if p not in have], 0, confirm=False)

    def gives(self, number, program):
        if self.programs[program]["payee"] == "ENTERPRISE":
            return {r["uscc"]: int(r["granted_fen"]) for r in self.result(number, "enterprises")}
        given = defaultdict(int)
        for r in self.result(number, "lines"):
            given[r["platform_id"]] += int(r["government_fen"])
        return given

    def result(self, number, table):
        return csv.DictReader(io.StringIO(self.results[table][number]))

    def both(self, *args, who):
        """The same command twice at once."""
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(lambda _: self.suite.ask(*args, who=who), range(2)))

    def killed(self, *args, who):
        """The command, while the suite is killed under it, and started again."""
        with ThreadPoolExecutor(1) as pool:
            going = pool.submit(self.suite.ask, *args, who=who)
            time.sleep(chance("kill", self.orders) * 0.1)
            self.suite.kill()
            going.result()
        self.suite.up()

    def order(self, program, years, final):
        """Prepares an order and pays it, and compares everything on the way; the bank answers in bank()."""
        o = self.prepare(program, years, final)
        if o is None:
            return
        if chance("cancel", self.orders) < 0.2:
            self.cancel(o)
            return
        self.release(o)
        fate = {p: chance("fate", p, self.orders) for p in o.pays}
        settled = "ACCC" if self.orders % 3 == 1 else "ACSC"
        o.first = {p: "RJCT" if f < 0.12 else ("PDNG", "ACSP", "ACTC")[self.orders % 3] if f < 0.24 else settled for p, f in fate.items()}
        o.late = {p: "RJCT" if f < 0.16 else settled for p, f in fate.items() if 0.12 <= f < 0.24} | {p: "RJCT" for p, f in fate.items() if f > 0.88}
        o.number = self.orders
        self.waiting.append(o)
        if chance("now", self.orders) < 0.4:
            self.bank(program)

    def prepare(self, program, years, final):
        """An order of what is due and not held, and None where nothing is."""
        run, refused, books, min_fen = self.suite.run, self.suite.refused, self.books, 0 if final else self.programs[program].get("payment_min_fen", 0)
        due = {p: books.open((q, p)) for q, p in list(books.items) if q == program and books.open((q, p)) > 0}
        held = {p: "BELOW_MINIMUM" if a < min_fen else "ACCOUNT_MISSING" if p not in self.accounts else "ACCOUNT_RETURNED" if p in self.blocked else ""
                for p, a in due.items()}
        prepare = ("payment", "prepare", "--program", program, *(["--final"] if final else []))
        if not any(not why for why in held.values()):
            refused("NOTHING_TO_PAY", *prepare, who="officer")
            return None
        refused("PERMISSION_DENIED", *prepare, who="approver")
        self.orders += 1
        o = SimpleNamespace(program=program, name=f"order {self.orders} of {program}", step=0, by="admin" if self.orders % 3 == 0 else "officer")
        o.pays = {p: due[p] for p, why in held.items() if not why}
        o.pending = [min(o.pays)] if self.orders % 4 == 1 else []   # a proposal that is not confirmed yet changes nothing
        self.propose(o.pending, o.name, confirm=False)
        if self.orders % 4 == 2:
            got = self.both(*prepare, "--output", "json", who=o.by)
            if sorted((p.returncode, b"ORDER_OPEN" in p.stderr) for p in got) != [(0, False), (1, True)]:
                raise Differs(f"{o.name}: prepared twice at once, exits {[p.returncode for p in got]}, expected 0, and 1 with ORDER_OPEN")
            said = json.loads(next(p for p in got if p.returncode == 0).stdout)
        else:
            said = json.loads(run(*prepare, "--output", "json", who=o.by))
        o.id = order = said["order_id"]
        want = len(o.pays), sum(why != "" for why in held.values()), sum(o.pays.values())
        if tuple(int(said[k]) for k in ("payment_count", "held_count", "total_fen")) != want:
            raise Differs(f"{o.name}: {said}, expected {want}")
        refused("ORDER_OPEN", *prepare, who="officer")
        o.made = {p: books.take((program, p)) for p in o.pays}
        o.state = {p: "PENDING" for p in o.pays}
        show = lambda what: run("payment", "show", order, "--table", what, "--output", "csv", who="auditor")
        same(f"{o.name} held", show("held"), table(("payee_id", "payable_fen", "reason"), [(p, due[p], why) for p, why in held.items() if why]))
        same(f"{o.name} remittances", show("remittances"), table(("payee_id", "year", "run_number", "amount_fen"),
             [(p, *years[n], a) for p, items in o.made.items() for n, a in items]))
        self.compare(o, "prepared")
        o.file = self.suite.home / f"{self.orders}.xml"
        o.release, o.cancel, o.export = ("payment", "release", order), ("payment", "cancel", order), ("payment", "export", order, "--out")
        return o

    def cancel(self, o):
        """Cancels an order that is prepared, at times for an account that is another by now."""
        run, refused = self.suite.run, self.suite.refused
        if not o.pending and self.orders % 2:
            self.propose([min(o.pays)], o.name)
            refused("ACCOUNT_CHANGED", *o.release, who="approver")
        run(*o.cancel, who="officer")
        for p, items in o.made.items():
            self.books.back((o.program, p), items)
            o.state[p] = "CANCELLED"
        self.compare(o, "cancelled")
        refused("ORDER_NOT_PREPARED", *o.release, who="approver")
        refused("ORDER_NOT_RELEASED", *o.export, o.file, who="officer")
        if o.pending:
            self.confirm(o.pending, o.name)

    def release(self, o):
        """Releases an order that is prepared, and exports it."""
        run, refused = self.suite.run, self.suite.refused
        refused("ORDER_NOT_RELEASED", *o.export, o.file, who="officer")
        refused("PERMISSION_DENIED", *o.release, who="officer")
        refused("PERMISSION_DENIED", *o.cancel, who="approver")
        run("account", "import", self.file([(p, *self.accounts[p]) for p in o.pays if p not in o.pending]), who="registrar")    # changes nothing,
        if [max(o.pays)] != o.pending:          # so there is nothing to confirm
            self.suite.ask("account", "confirm", max(o.pays), who="approver")
        own = o.by == "admin" or any(self.by[p] == "admin" for p in o.pays)
        if own:
            refused("SELF_APPROVAL", *o.release, who="admin")
        if self.orders % 5 == 1:
            self.killed(*o.release, who="approver")
            self.suite.ask(*o.release, who="approver")
        else:
            run(*o.release, who="approver" if own or self.orders % 2 else "admin")
        refused("ORDER_NOT_PREPARED", *o.release, who="approver")
        refused("ORDER_NOT_PREPARED", *o.cancel, who="officer")
        run(*o.export, o.file, who="officer")
        self.exported(o)
        self.read(o)
        if o.pending:
            self.confirm(o.pending, o.name)

    def compare(self, o, when):
        same(f"{o.name} payments, {when}", self.suite.run("payment", "show", o.id, "--table", "payments", "--output", "csv", who="auditor"),
             table(("payee_id", "amount_fen", "state"), [(p, a, o.state[p]) for p, a in o.pays.items()]))
        self.balances(o.program)

    def exported(self, o):
        again = o.file.with_suffix(".again.xml")
        self.suite.run("payment", "export", o.id, "--out", again, who="officer")
        if o.file.read_bytes() != again.read_bytes():
            raise Differs(f"{o.name}: the payment file is not the same twice")

    def bank(self, program):
        """The bank takes each order of the program that waits for it one step on: it answers, then, later, once more."""
        for o in [o for o in self.waiting if o.program == program]:
            o.step += 1
            if o.step == 1:
                self.answer_first(o)
            else:
                self.waiting.remove(o)
                self.answer_late(o)

    def apply(self, o, said):
        for p, word in said.items():
            key, was = (o.program, p), o.state[p]
            if word in ("ACSC", "ACCC") and was == "PENDING":
                self.books.settle(key, o.made[p])
                o.state[p] = "SETTLED"
            elif word == "RJCT" and was != "RETURNED":
                self.books.back(key, o.made[p], settled=was == "SETTLED")
                self.blocked.add(p)
                o.state[p] = "RETURNED"

    def answer_first(self, o):
        run, refused = self.suite.run, self.suite.refused
        lines = [(o.ends[p], word, o.pays[p]) for p, word in o.first.items()]
        end, word, amount = lines[-1]
        refused("PERMISSION_DENIED", "payment", "answer", self.answer(o, lines), who="approver")
        for what, wrong in (("another amount", self.answer(o, lines[:-1] + [(end, word, amount + 1)])),
                            ("an unknown payment", self.answer(o, lines + [("nobody-1", word, amount)])),
                            ("another order's payment", self.answer(o, lines + [next(((e, "ACSC", a) for e, a in self.seen.items() if e not in o.ends.values()), ("nobody-2", word, amount))])),
                            ("an unknown order", self.answer(o, lines, message="nobody-3"))):
            refused("ANSWER_MISMATCH", "payment", "answer", wrong, who="officer")
            self.compare(o, f"after an answer with {what}")
        o.answered = self.answer(o, lines)
        if o.number % 5 == 2:
            self.killed("payment", "answer", o.answered, who="officer")
        elif o.number % 5 == 3:
            self.both("payment", "answer", o.answered, who="officer")
        else:
            run("payment", "answer", o.answered, who="officer")
        run("payment", "answer", o.answered, who="officer")
        self.apply(o, o.first)
        self.compare(o, "answered twice")
        gone = [p for p, s in o.state.items() if s == "RETURNED"]
        if gone:
            good = [(o.ends[p], "ACSC", o.pays[p]) for p, s in o.state.items() if s == "PENDING"]
            refused("PAYMENT_CLOSED", "payment", "answer", self.answer(o, good + [(o.ends[gone[0]], "ACSC", o.pays[gone[0]])]), who="officer")
            self.compare(o, "after a payment was settled that had been returned")
        self.mend(o)

    def answer_late(self, o):
        if o.late:
            self.suite.run("payment", "answer", self.answer(o, [(o.ends[p], word, o.pays[p]) for p, word in o.late.items()]), who="officer")
            self.apply(o, o.late)
            self.compare(o, "answered late")
        self.mend(o)
        self.suite.ask("payment", "answer", o.answered, who="officer")       # the first one again
        self.suite.run("payment", "answer", self.answer(o, [(o.ends[p], "RJCT", o.pays[p]) for p, s in o.state.items() if s == "RETURNED"]
                                                        or [(o.ends[p], "PDNG", o.pays[p]) for p in o.pays]), who="officer")
        self.compare(o, "after old answers came again")
        self.exported(o)

    def mend(self, o):
        self.propose(sorted(p for p in self.blocked & set(o.pays) if chance("mend", p, o.number, o.step) < 0.6), f"{o.number} {o.step}")

    def read(self, o):
        if XSD and shutil.which("xmllint"):
            p = subprocess.run(["xmllint", "--noout", "--nonet", "--schema", XSD, o.file], capture_output=True)
            if p.returncode:
                raise Differs(f"{o.name}: pain.001 is not valid: {p.stderr[-300:].decode()}")
        try:
            root = ET.parse(o.file).getroot()
        except ET.ParseError as e:
            raise Differs(f"{o.name}: {e}")
        text = lambda at, path: ("" if at is None else at.findtext(path, namespaces=NS) or "").strip()
        o.message = text(root, ".//p:GrpHdr/p:MsgId")
        total, count = yuan(sum(o.pays.values())), str(len(o.pays))
        for where, number in ((".//p:GrpHdr", "p:MsgId"), (".//p:PmtInf", "p:PmtInfId")):
            got = [text(root.find(where, NS), x) for x in ("p:NbOfTxs", "p:CtrlSum", number)]
            if got != [count, total, o.message]:
                raise Differs(f"{o.name} {where}: {got}, expected {[count, total, o.message]}")
        accounts = defaultdict(list)
        for p in o.pays:
            name, *rest = self.accounts[p]
            accounts[unicodedata.normalize("NFKC", name.strip()), *rest].append(p)
        o.ends = {}
        for tx in root.iterfind(".//p:CdtTrfTxInf", NS):
            end, amount = text(tx, "p:PmtId/p:EndToEndId"), tx.find("p:Amt/p:InstdAmt", NS)
            account = unicodedata.normalize("NFKC", text(tx, "p:Cdtr/p:Nm")), text(tx, "p:CdtrAcct/p:Id/p:Othr/p:Id"), text(tx, "p:CdtrAgt/p:FinInstnId/p:ClrSysMmbId/p:MmbId")
            if end in self.seen or not 0 < len(end) <= 35:
                raise Differs(f"{o.name}: EndToEndId {end!r} is not new, or not of 1 to 35 characters")
            payee = (accounts[account] or [None]).pop()
            got = (amount.text, amount.get("Ccy")) if amount is not None else ("nothing", "")
            if payee is None or got != (yuan(o.pays[payee]), "CNY"):
                raise Differs(f"{o.name}: {account} gets {got}, expected {yuan(o.pays.get(payee, 0))} CNY to the confirmed account of {payee}")
            about = text(tx, "p:RmtInf/p:Ustrd")
            if o.program not in about or o.message not in about:
                raise Differs(f"{o.name}: the remittance {about!r} does not name program and order")
            if payee in self.names and payee in ET.tostring(tx, "unicode"):
                raise Differs(f"{o.name}: the bank is told the code of {payee}")
            self.seen[end] = o.pays[payee]
            o.ends[payee] = end
        if set(o.ends) != set(o.pays):
            raise Differs(f"{o.name}: nobody pays {sorted(set(o.pays) - set(o.ends))[:3]}")

    def answer(self, o, lines, message=None):
        """A pain.002 of the order, in one of three versions; every fourth order's without amounts but where one of them is wrong."""
        message, version = message or o.message, ("10", "03", "14")[o.number % 3]
        right = {o.ends[p]: a for p, a in o.pays.items()}
        bare = o.number % 4 == 3 and all(right.get(e) == a for e, _, a in lines)
        body = "".join(f"<TxInfAndSts><OrgnlEndToEndId>{e}</OrgnlEndToEndId><TxSts>{s}</TxSts>"
                       + ("<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn></StsRsnInf>" if s == "RJCT" else "")
                       + ("" if bare else f'<OrgnlTxRef><Amt><InstdAmt Ccy="CNY">{yuan(a)}</InstdAmt></Amt></OrgnlTxRef>') + "</TxInfAndSts>" for e, s, a in lines)
        stamp = hashlib.sha256((message + body).encode()).hexdigest()[:20]
        f = self.suite.home / f"answer-{stamp}.xml"
        f.write_text(f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.{version}"><CstmrPmtStsRpt>'
                     f"<GrpHdr><MsgId>B{stamp}</MsgId><CreDtTm>2026-01-05T10:00:00+08:00</CreDtTm></GrpHdr><OrgnlGrpInfAndSts><OrgnlMsgId>{message}</OrgnlMsgId>"
                     f"<OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId></OrgnlGrpInfAndSts><OrgnlPmtInfAndSts><OrgnlPmtInfId>{message}</OrgnlPmtInfId>{body}"
                     f"</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>", encoding="utf-8")
        return f

    def balances(self, program):
        data = [(p, *self.books.balance((q, p))) for q, p in self.books.given if q == program]
        same(f"balances of {program}", self.suite.run("payment", "balances", "--program", program, "--output", "csv", who="auditor"),
             table(("payee_id", "given_fen", "payable_fen", "in_payment_fen", "paid_fen", "receivable_fen"), data))

    def ledger(self, published=None, grants=0):
        """Compares the exported books; published: (program, year) of a run that is published and grants so much."""
        self.suite.run("ledger", "verify", who="auditor")
        self.suite.refused("PERMISSION_DENIED", "ledger", "verify", who="officer")
        want = defaultdict(int)
        for (program, payee), given in self.books.given.items():
            _, payable, in_payment, paid, receivable = self.books.balance((program, payee))
            for account, amount in ((f"liabilities:payable:{program}:{payee}", -payable), (f"liabilities:in-payment:{program}:{payee}", -in_payment),
                                    (f"assets:receivable:{program}:{payee}", receivable), (f"assets:treasury:{program}", -paid)):
                want[account] += amount
        budgets = {(p["program_id"], int(b["year"])): int(b["amount_fen"]) for p in self.programs.values() for b in p["budgets"]}
        for program, year in budgets.keys() | self.books.years.keys():
            amount, granted, committed = budgets.get((program, year), 0), self.books.years[program, year], grants if (program, year) == published else 0
            budget = f"assets:budget:{program}:{year}"
            want |= {f"equity:budget:{program}:{year}": -amount, f"{budget}:free": amount - granted - committed, f"{budget}:committed": committed,
                     f"{budget}:granted": granted, f"expenses:subsidy:{program}:{year}": granted}
        def agree(tool, got, want):
            wrong = sorted(a for a in want.keys() | got.keys() if want.get(a, 0) != got.get(a, 0))
            if wrong:
                raise Differs(f"{tool}: {wrong[0]} is {got.get(wrong[0], 0)} fen, expected {want.get(wrong[0], 0)} ({len(wrong)} accounts differ)")
        said = ["XSD agrees" if XSD and shutil.which("xmllint") else "no XSD or xmllint here"]
        file = self.suite.home / "books.journal"
        self.suite.run("ledger", "export", "--format", "hledger", "--out", file, who="auditor")
        if shutil.which("hledger"):
            tool = lambda *args: subprocess.run(["hledger", "-f", file, *args], capture_output=True, text=True)
            checked, out = tool("check"), tool("bal", "--flat", "--no-total", "-N", "-O", "csv", "-c", "1000.00 CNY")
            if checked.returncode or out.returncode:
                raise Differs(f"hledger: {(checked.stderr + out.stderr)[:300]}")
            got = defaultdict(int)
            for account, amount in list(csv.reader(io.StringIO(out.stdout)))[1:]:
                for part in amount.split(", "):
                    got[account] += int(Decimal(re.sub(r"[^0-9.-]", "", part.replace("CNY", "")) or 0) * 100)
            agree("hledger", got, want)
            said.append("hledger agrees")
        else:
            said.append("no hledger here")
        file = self.suite.home / "books.beancount"
        self.suite.run("ledger", "export", "--format", "beancount", "--out", file, who="auditor")
        got = defaultdict(int)
        for account, amount in re.findall(r"^[ \t]+([A-Z]\w*(?::[\w-]+)+)[ \t]+(-?[0-9]+\.[0-9]{2}) CNY[ \t]*(?:;.*)?$", file.read_text(encoding="utf-8"), re.M):
            got[account] += int(Decimal(amount) * 100)
        agree("beancount", got, {":".join(part[:1].upper() + part[1:] for part in a.split(":")): x for a, x in want.items()})
        if shutil.which("bean-check"):
            p = subprocess.run(["bean-check", file], capture_output=True, text=True)
            if p.returncode or p.stderr.strip():
                raise Differs(f"bean-check: {p.stderr[:300]}")
            said.append("bean-check agrees")
        else:
            said.append("no bean-check here")
        return ", ".join(said)


def pay(pack, usage, suite, runs_max):
    payments = Payments(pack, suite)
    runs, net, ordered = list(rows(pack / "runs.csv"))[:runs_max], defaultdict(lambda: defaultdict(int)), set()
    for number, r in enumerate(runs, 1):        # a minimum that one payee just reaches in the program's first order
        program = r["program_id"]
        if program not in ordered:
            for payee, amount in payments.gives(number, program).items():
                net[program][payee] += amount
        if chance("order", number) < 0.6 and any(x > 0 for x in net[program].values()):
            ordered.add(program)
    suite.up()
    for kind in ("enterprise", "filing", "merchant", "suspension"):
        suite.run(kind, "import", pack / f"{kind}s.csv", who="registrar")
    for f in in_order(sorted((pack / "programs").glob("*.json"))):
        program = json.load(open(f))
        owed = sorted(x for x in net[program["program_id"]].values() if x > 0)
        if owed and chance("min", program["program_id"]) < 0.7:
            program["payment_min_fen"] = payments.programs[program["program_id"]]["payment_min_fen"] = owed[len(owed) // 4]
        (suite.home / "program.json").write_text(json.dumps(program), encoding="utf-8")
        suite.run("program", "apply", suite.home / "program.json", who="officer")
    suite.run("enrollment", "import", pack / "enrollments.csv", who="officer")
    platforms = set()
    for u in usage:
        for s in rows(u / "statements.csv"):
            month, who = ("--platform", s["platform_id"], "--period", s["period"]), f"platform:{s['platform_id']}"
            suite.run("usage", "report", *month, u / "usage" / s["platform_id"] / f"{s['period']}.csv", who=who)
            suite.run("usage", "state", *month, "--record-count", s["record_count"], "--total-fen", s["total_fen"], who=who)
            suite.run("usage", "seal", *month, who="officer")
            platforms.add(s["platform_id"])
    payments.first_accounts(sorted(set(payments.names) | platforms))

    numbers, years, looked = defaultdict(int), defaultdict(dict), False
    for number, r in enumerate(runs, 1):
        program, year = r["program_id"], int(r["year"])
        run_id = json.loads(suite.run("settlement", "compute", "--program", program, "--year", r["year"], "--through", r["through"], "--output", "json", who="officer"))["run_id"]
        suite.run("settlement", "publish", run_id, who="officer")
        grants = sum(max(int(x["granted_fen"]), 0) for x in payments.result(number, "enterprises"))
        if grants and not looked:
            looked = payments.ledger((program, year), grants)
        suite.run("settlement", "approve", run_id, who="approver")
        numbers[program] += 1
        years[program][numbers[program]] = (year, numbers[program])
        for payee, amount in payments.gives(number, program).items():
            payments.books.give((program, payee), numbers[program], year, amount)
        if chance("bank", number) < 0.4:
            payments.bank(program)
        if chance("order", number) < 0.6:
            payments.order(program, years[program], final=False)
    for program in sorted(payments.programs):
        payments.order(program, years[program], final=True)
        payments.bank(program)                  # and leaves some unanswered
        payments.balances(program)
        suite.refused("PERMISSION_DENIED", "payment", "balances", "--program", program, who=f"platform:{min(platforms)}")
    said = payments.ledger()
    suite.down()
    paid = sum(payments.books.paid.values())
    print(f"{pack.name}: {payments.orders} orders, {len(payments.seen)} payments, {yuan(paid)} yuan paid; balances to the fen; {said}", flush=True)


if __name__ == "__main__":
    a = check.arguments(__doc__, xsd=True)
    XSD = a.xsd
    sys.exit(check.over_packs(a, pay))
