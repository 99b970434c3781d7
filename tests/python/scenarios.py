"""What a platform's own client may do, and what it gets. The first argument says which."""

import itertools
import os
import queue
import random
import sys
import time

import grpc
from usage import METADATA, PERIOD, PLATFORM, REPORT_USAGE, Receipt
from usage import batch, channel, equal, held, messages, records, refusal, stub

# An answer that does not come must end the test, not hold it.
LONG = 300


def cut(sent, sizes):
    """Batches of these sizes."""
    rest = iter(sent)
    for sequence, size in enumerate(sizes, 1):
        yield batch(sequence, list(itertools.islice(rest, size)))


def stream(pause_sending, pause_reading):
    """Batches of every size from 1 to 1,000, and many of one record."""
    sizes = [1] * 5_000 + list(range(1, 1_001))
    random.Random(7).shuffle(sizes)
    own, of_batches = Receipt(), queue.Queue()

    def requests():
        for request in cut(records(sum(sizes)), sizes):
            of_batch = Receipt()
            for record in request.records:
                own.add(record)
                of_batch.add(record)
            of_batches.put(of_batch.message())
            pause_sending(request.sequence)
            yield request

    with channel() as to:
        answers = stub(to).ReportUsage(requests(), metadata=METADATA, timeout=LONG)
        for sequence, size in enumerate(sizes, 1):
            pause_reading(sequence)
            answer = next(answers)
            counts = (answer.accepted_count, answer.duplicate_count, answer.refused_count)
            equal((answer.sequence, *counts), (sequence, size, 0, 0), "an acknowledgement")
            # However many batches are under way, each can be checked by itself.
            equal(answer.added, of_batches.get(), "what a batch added")
        equal(list(answers), [], "what comes after the last acknowledgement")
        equal(answer.receipt, own.message(), "the receipt of the last acknowledgement")
        equal(held(to), own.message(), "the receipt of the period")


def fast():
    """As quick as it goes."""
    stream(lambda _: None, lambda _: None)


def slow():
    """Pauses on either side, now and then."""

    def sending(sequence):
        if sequence % 100 == 0:
            time.sleep(0.05)

    def reading(sequence):
        # At first nothing is read for as long as it takes to fill what lies between, then a
        # little at a time.
        if sequence == 1:
            time.sleep(3)
        elif sequence % 60 == 0:
            time.sleep(0.02)

    stream(sending, reading)


def single_records_while_nothing_is_written():
    """The service's database does not go on until this says so and is told that it does."""
    streams, batches = 8, 10_000
    sent = [0] * streams
    own = Receipt()
    for number in range(streams):
        for record in records(batches, f"{number}/"):
            own.add(record)

    def requests(number):
        for request in cut(records(batches, f"{number}/"), [1] * batches):
            sent[number] = request.sequence
            yield request

    with channel() as to:
        calls = [
            stub(to).ReportUsage(requests(number), metadata=METADATA, timeout=LONG)
            for number in range(streams)
        ]
        # Until flow control holds the senders, or all is sent.
        before = None
        while before != sent:
            before = list(sent)
            time.sleep(1)
        print("WAITING", flush=True)
        sys.stdin.readline()
        for call in calls:
            sequences = [answer.sequence for answer in call]
            equal(sequences, list(range(1, batches + 1)), "the acknowledgements of a stream")
        equal(held(to), own.message(), "the receipt of the period")


def refused(to, request, code, reason):
    """Sees that a batch is refused as a whole."""
    call = stub(to).ReportUsage(iter([request]), metadata=METADATA, timeout=LONG)
    try:
        answer = next(call)
    except grpc.RpcError as error:
        equal(refusal(error), (code, reason), "a refusal")
    else:
        sys.exit(f"not refused: {answer}")


def raw(to, request):
    """Sends these bytes as a batch; returns how the call was refused."""
    call = to.stream_stream(REPORT_USAGE)(iter([request]), metadata=METADATA, timeout=LONG)
    try:
        return next(call)
    except grpc.RpcError as error:
        return refusal(error)


def field(number, content):
    """A field of bytes."""
    length, encoded = len(content), b""
    while length > 127:
        encoded, length = encoded + bytes([length & 127 | 128]), length >> 7
    return bytes([number << 3 | 2]) + encoded + bytes([length]) + content


def limits():
    """What is no batch, is refused by its reason; and nothing else comes of it."""
    with channel() as to:
        good = list(records(1_000))
        refused(to, batch(1, records(1_001)), "INVALID_ARGUMENT", "BATCH_SIZE")
        refused(to, batch(1, []), "INVALID_ARGUMENT", "BATCH_SIZE")
        long = list(records(1_000))
        for record in long:
            record.merchant_id = "x" * 600
        refused(to, batch(1, long), "INVALID_ARGUMENT", "BATCH_SIZE")
        # Far more than a frame, a window or a buffer.
        for record in long:
            record.merchant_id = "x" * 20_000
        refused(to, batch(1, long), "INVALID_ARGUMENT", "BATCH_SIZE")

        head = batch(1, []).SerializeToString()
        malformed = ("INVALID_ARGUMENT", "BATCH_MALFORMED")
        record = good[0].SerializeToString()
        for bad in [
            # A text that is not UTF-8, at the start and behind a good record.
            field(4, field(1, b"\xff\xfe")),
            field(4, record) + field(4, field(1, b"r") + field(2, b"\xc3")),
            # A record that is cut off inside, however far.
            *(field(4, record[:end]) for end in range(1, len(field(1, b"r0")))),
            field(4, record + b"\x0a\x7f"),
            # A field that is no text.
            field(4, b"\x08\x01"),
        ]:
            equal(raw(to, head + bad), malformed, f"what became of {bad!r}")
        equal(held(to), Receipt().message(), "what is held after refusals")

        # The connection is as good as before.
        answer = next(stub(to).ReportUsage(iter([batch(1, good)]), metadata=METADATA, timeout=LONG))
        equal(answer.accepted_count, 1_000, "what was accepted")

        # What comes before a bad batch is answered, though it came together with it.
        sent = [batch(number, [good[number]]).SerializeToString() for number in range(1, 6)]
        sent.append(batch(6, []).SerializeToString() + field(4, b"\x08\x01"))
        answers, end = 0, None
        try:
            for _ in to.stream_stream(REPORT_USAGE)(iter(sent), metadata=METADATA, timeout=LONG):
                answers += 1
        except grpc.RpcError as error:
            end = refusal(error)
        equal((answers, end), (5, malformed), "answers before the refusal, and the refusal")


def wrong_file():
    """Checks a file, reports another's, withdraws it, and reports the true one."""
    with channel() as to:
        wrong, true = list(records(50)), list(records(50))
        for record in true:
            record.merchant_id = "another"
        own = Receipt()
        for record in true:
            own.add(record)

        def report(file, check_only=False):
            request = batch(1, file)
            request.check_only = check_only
            return next(stub(to).ReportUsage(iter([request]), metadata=METADATA, timeout=LONG))

        answer = report(true, check_only=True)
        equal((answer.accepted_count, answer.HasField("receipt")), (50, False), "a check")
        equal(answer.added, own.message(), "what a check says would be added")
        equal(held(to), Receipt().message(), "what is held after a check")
        equal(report(wrong).accepted_count, 50, "what was accepted of the wrong file")
        equal(report(true, check_only=True).refused_count, 50, "what the true file conflicts with")

        def withdraw(receipt):
            request = messages.WithdrawPeriodRequest(
                platform_id=PLATFORM, period=PERIOD, receipt=receipt
            )
            return stub(to).WithdrawPeriod(request, metadata=METADATA, timeout=LONG)

        try:
            withdraw(own.message())
        except grpc.RpcError as error:
            equal(refusal(error), ("FAILED_PRECONDITION", "RECEIPT_MISMATCH"), "a refusal")
        else:
            sys.exit("withdrawn by another receipt")
        was_held = held(to)
        equal(withdraw(was_held).withdrawal.withdrawn, was_held, "what was withdrawn")
        answer = report(true)
        equal((answer.accepted_count, answer.receipt), (50, own.message()), "the true file")


class Open:
    """A stream whose batches are put in by hand."""

    def __init__(self, to):
        self.batches = queue.Queue()
        self.sequence = 0
        requests = iter(self.batches.get, None)
        self.answers = stub(to).ReportUsage(requests, metadata=METADATA, timeout=LONG)

    def report(self, sent):
        self.sequence += 1
        self.batches.put(batch(self.sequence, sent))
        return next(self.answers)

    def end(self):
        self.batches.put(None)
        equal(list(self.answers), [], "what comes after the last acknowledgement")


def streams():
    """As many streams as a platform may have, and one more."""
    with channel() as to, channel() as another:
        own, streams = Receipt(), []
        ids = itertools.count()

        def report(open_stream):
            sent = list(records(3, f"{next(ids)}/"))
            equal(open_stream.report(sent).accepted_count, 3, "what was accepted")
            for record in sent:
                own.add(record)

        for number in range(1_000):
            # Over two connections: the bound is the platform's.
            one_more = Open([to, another][number % 2])
            try:
                report(one_more)
            except grpc.RpcError as error:
                equal(refusal(error), ("RESOURCE_EXHAUSTED", "TOO_MANY_STREAMS"), "a refusal")
                one_more.batches.put(None)
                break
            streams.append(one_more)
        else:
            sys.exit("there is no end to streams")
        for _ in range(3):
            for open_stream in streams:
                report(open_stream)
        # Where one ends, there is room for another.
        streams.pop().end()
        streams.append(Open(to))
        report(streams[-1])
        for open_stream in streams:
            open_stream.end()
        equal(held(to), own.message(), "the receipt of the period")


def given_up():
    """Cancels calls and lets deadlines pass, anywhere; then counts, and sends the rest."""
    chance = random.Random(11)
    acknowledged, sent = Receipt(), []

    def attempt(to, number):
        batches = [list(records(chance.randint(1, 200), f"{number}/{at}/")) for at in range(40)]
        sent.extend(itertools.chain.from_iterable(batches))
        cancelled_after = chance.randrange(40) if number % 2 else None
        deadline = LONG if number % 2 else chance.uniform(0, 0.3)
        requests = (batch(sequence, part) for sequence, part in enumerate(batches, 1))
        call = stub(to).ReportUsage(requests, metadata=METADATA, timeout=deadline)
        try:
            for at, part in enumerate(batches):
                if at == cancelled_after:
                    call.cancel()
                equal(next(call).refused_count, 0, "what was refused")
                for record in part:
                    acknowledged.add(record)
        except grpc.RpcError as error:
            expected = "CANCELLED" if number % 2 else "DEADLINE_EXCEEDED"
            equal(error.code().name, expected, "how a call ended")
            return True
        return False

    with channel() as to:
        broken = sum(attempt(to, number) for number in range(60))
        if broken < 20 or acknowledged.count == 0:
            sys.exit(f"{broken} calls were given up, {acknowledged.count} records acknowledged")
        print(f"{broken} of 60 calls given up", file=sys.stderr)
        now = held(to)
        if now.record_count < acknowledged.count:
            sys.exit(f"{acknowledged.count} records were acknowledged, {now.record_count} are held")
        own, accepted, duplicates = Receipt(), 0, 0
        for record in sent:
            own.add(record)
        sizes = [1_000] * (len(sent) // 1_000) + [len(sent) % 1_000] * (len(sent) % 1_000 > 0)
        requests = cut(sent, sizes)
        for answer in stub(to).ReportUsage(requests, metadata=METADATA, timeout=LONG):
            equal(answer.refused_count, 0, "what was refused")
            accepted += answer.accepted_count
            duplicates += answer.duplicate_count
        if duplicates < acknowledged.count:
            sys.exit(f"{acknowledged.count} were acknowledged, {duplicates} were there")
        equal(accepted + duplicates, len(sent), "accepted and duplicates")
        equal(held(to), own.message(), "the receipt of the period")


def certificates():
    """Reports with a certificate alone; with what is not in order nothing is to be had."""

    def got(to, token=None):
        bearer = [("authorization", f"Bearer {token}")] if token else None
        request = messages.GetPeriodRequest(platform_id=PLATFORM, period=PERIOD)
        try:
            return stub(to).GetPeriod(request, metadata=bearer, timeout=LONG).period.received
        except grpc.RpcError as error:
            return refusal(error)

    own, good = Receipt(), list(records(1_000))
    for record in good:
        own.add(record)
    token = os.environ["TOKEN"]
    with channel(os.environ["CERTIFICATE"]) as to:
        answer = next(stub(to).ReportUsage(iter([batch(1, good)]), timeout=LONG))
        equal(answer.accepted_count, 1_000, "what was accepted")
        equal(got(to), own.message(), "what is held, by a certificate alone")
        equal(got(to, token), own.message(), "what is held, by both")
        mismatch = ("UNAUTHENTICATED", "IDENTITY_MISMATCH")
        equal(got(to, os.environ["OTHER_TOKEN"]), mismatch, "another's token")
        no_token = ("UNAUTHENTICATED", "UNAUTHENTICATED")
        equal(got(to, f"{token}x"), no_token, "a token of no signature")
    with channel() as to:
        equal(got(to), no_token, "nothing shown")
        equal(got(to, token), own.message(), "what is held, by a token alone")
    for bad in ["REVOKED", "STRANGERS"]:
        with channel(os.environ[bad]) as to:
            equal(got(to, token), ("UNAVAILABLE", None), f"a certificate that is {bad}")


if __name__ == "__main__":
    globals()[sys.argv[1]]()
