#!/usr/bin/env python3
"""Checks the wire of Passerelle from its specification alone (docs/wire/exchange.md).

    python3 -m venv target/wire && target/wire/bin/pip install cryptography
    target/wire/bin/python docs/wire/checker/check.py docs/wire/vectors.json

Nothing of Passerelle is used: the standard library, and `cryptography` for Ed25519,
ML-DSA-65, X25519, HKDF and AES-256-GCM; ML-KEM-768 is below. It reads the vectors: keys, the signed
agreement, parcels, what is in them, and receipts; and then it tampers with them, and each
tampering has to be found. Exit code 0 when everything is as it must be, 1 when not, 2 when
this machine cannot say (an older `cryptography`).
"""

import copy
import datetime
import hashlib
import json
import sys

try:
    from cryptography.exceptions import InvalidSignature, InvalidTag
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ed25519, mldsa, x25519
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF
except ImportError as missing:
    print(f"skipped: this needs the package cryptography with ML-DSA ({missing})")
    sys.exit(2)

PARCEL = b"passerelle parcel v1"
RECEIPT = b"passerelle receipt v1"
TOTAL = b"passerelle total v1"
TOTALS = b"passerelle totals v1\0"
AGREEMENT = b"passerelle agreement v1\0"
EPOCH = b"passerelle epoch key v1\0"
SEAL = b"passerelle seal v1 X25519 ML-KEM-768 HKDF-SHA-256 AES-256-GCM\0"
SEALED_TYPE = 'application/cose; cose-type="cose-encrypt"'
EDDSA, ML_DSA_65, A256GCM = -8, -49, 3
OUTCOMES = ("given", "nothing", "unreasoned", "too_wide", "not_lawful", "harmful")
LIST, HIT, CORRECTION, WITHDRAWAL, ERASURE = 0, 1, 2, 3, 4
REQUEST, ANSWER, SPONTANEOUS, JUSTIFICATION = 5, 6, 7, 8
DAY_TOTAL, KEYS = 10, 11
REASONS = ("mistake", "wrong_person", "unlawful", "ordered", "expired", "cancelled")
CAUSES = ("mistake", "incomplete", "carrier", "rectified", "ordered")
HEADER, HYBRID, SHARE, ENCAPSULATED = -70001, -70010, -70011, -70012


class Wrong(Exception):
    """Something is not as the specification says."""


def must(holds, what):
    if not holds:
        raise Wrong(what)


# CBOR, RFC 8949: the deterministic encoding and nothing else.


class Tag:
    def __init__(self, number, value):
        self.number, self.value = number, value


def encode(value):
    if value is None:
        return b"\xf6"
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, float):
        import struct

        return b"\xfb" + struct.pack(">d", value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(encode, value))
    if isinstance(value, dict):
        return head(5, len(value)) + b"".join(encode(k) + encode(v) for k, v in value.items())
    if isinstance(value, Tag):
        return head(6, value.number) + encode(value.value)
    raise TypeError(type(value))


def head(major, number):
    if number < 24:
        return bytes([major << 5 | number])
    for info, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 1 << 8 * size:
            return bytes([major << 5 | info]) + number.to_bytes(size, "big")
    raise ValueError(number)


def decode(data):
    value, end = item(data, 0)
    must(end == len(data), "bytes after the end")
    must(encode(value) == data, "not the deterministic encoding")
    return value


def item(data, at):
    must(at < len(data), "the end is missing")
    major, info = data[at] >> 5, data[at] & 31
    at += 1
    if major == 7:
        if info in (20, 21, 22):
            return {20: False, 21: True, 22: None}[info], at
        must(info == 27, "a simple value that is not used here")
        import struct

        must(at + 8 <= len(data), "the end is missing")
        return struct.unpack(">d", data[at : at + 8])[0], at + 8
    must(info < 28, "an indefinite length")
    size = {24: 1, 25: 2, 26: 4, 27: 8}.get(info, 0)
    must(at + size <= len(data), "the end is missing")
    number = int.from_bytes(data[at : at + size], "big") if size else info
    at += size
    if major == 0:
        return number, at
    if major == 1:
        return -1 - number, at
    if major in (2, 3):
        must(at + number <= len(data), "the end is missing")
        text = data[at : at + number]
        try:
            return (text if major == 2 else text.decode()), at + number
        except UnicodeDecodeError as e:
            raise Wrong("text that is not UTF-8") from e
    if major == 4:
        values = []
        for _ in range(number):
            value, at = item(data, at)
            values.append(value)
        return values, at
    if major == 5:
        pairs = {}
        for _ in range(number):
            key, at = item(data, at)
            must(isinstance(key, (int, str)) and key not in pairs, "a key twice")
            pairs[key], at = item(data, at)
        return pairs, at
    value, at = item(data, at)
    return Tag(number, value), at


# Keys.


class Keys:
    """The public keys of a state."""

    def __init__(self, data):
        keys = decode(data)
        must(set(keys) == {0, 1, 2}, "other keys than three")
        self.ed25519, self.ml_dsa_65, epoch = keys[0], keys[1], keys[2]
        must(len(self.ed25519) == 32 and len(self.ml_dsa_65) == 1952, "a key of another length")
        self.epoch, self.x25519, self.ml_kem = epoch[0], epoch[1], epoch[2]
        must(len(self.x25519) == 32 and len(self.ml_kem) == 1184, "a key of another length")
        said = EPOCH + self.epoch.to_bytes(4, "big") + self.x25519 + self.ml_kem
        self.both(said, epoch[3][0], epoch[3][1], "the epoch key is not the state's")

    def both(self, message, classic, post_quantum, what):
        try:
            ed25519.Ed25519PublicKey.from_public_bytes(self.ed25519).verify(classic, message)
            mldsa.MLDSA65PublicKey.from_public_bytes(self.ml_dsa_65).verify(post_quantum, message)
        except (InvalidSignature, ValueError) as e:
            raise Wrong(what) from e

    def identity(self):
        return (self.ed25519, self.ml_dsa_65)

    def fingerprint(self):
        digest = hashlib.sha256(b"passerelle identity v1\0" + self.ed25519 + self.ml_dsa_65)
        consonants, vowels = "bdfghjklmnprstvz", "aiou"
        words = []
        for at in range(0, 16, 2):
            n = int.from_bytes(digest.digest()[at : at + 2], "big")
            words.append(
                consonants[n >> 12]
                + vowels[n >> 10 & 3]
                + consonants[n >> 6 & 15]
                + vowels[n >> 4 & 3]
                + consonants[n & 15]
            )
        return " ".join(words)


# ML-KEM-768, FIPS 203: what the holder of the expanded key finds in a ciphertext.
#
# `cryptography` reads seeds alone. The re-encryption of FIPS 203 is left out: it decides what
# a receiver does with a ciphertext that was tampered with, and here the ciphertext stands in
# the derivation of the key, so that a tampered one opens nothing.

Q = 3329


def reversed_bits(n):
    return int(f"{n:07b}"[::-1], 2)


def bits_decoded(data, size):
    number = int.from_bytes(data, "little")
    return [number >> size * i & (1 << size) - 1 for i in range(256)]


def ntt(f):
    f, i, length = list(f), 1, 128
    while length >= 2:
        for start in range(0, 256, 2 * length):
            zeta = pow(17, reversed_bits(i), Q)
            i += 1
            for j in range(start, start + length):
                t = zeta * f[j + length] % Q
                f[j + length], f[j] = (f[j] - t) % Q, (f[j] + t) % Q
        length //= 2
    return f


def inverse_ntt(f):
    f, i, length = list(f), 127, 2
    while length <= 128:
        for start in range(0, 256, 2 * length):
            zeta = pow(17, reversed_bits(i), Q)
            i -= 1
            for j in range(start, start + length):
                t = f[j]
                f[j], f[j + length] = (t + f[j + length]) % Q, zeta * (f[j + length] - t) % Q
        length *= 2
    return [x * 3303 % Q for x in f]


def product(a, b):
    out = []
    for i in range(128):
        gamma = pow(17, 2 * reversed_bits(i) + 1, Q)
        a0, a1, b0, b1 = a[2 * i], a[2 * i + 1], b[2 * i], b[2 * i + 1]
        out += [(a0 * b0 + a1 * b1 * gamma) % Q, (a0 * b1 + a1 * b0) % Q]
    return out


def decapsulated(expanded, ciphertext):
    must(len(expanded) == 2400 and len(ciphertext) == 1088, "a length of ML-KEM-768")
    wide = lambda values, size: [(v * Q + (1 << size - 1)) >> size for v in values]
    total = [0] * 256
    for i in range(3):
        secret = bits_decoded(expanded[384 * i : 384 * (i + 1)], 12)
        u = wide(bits_decoded(ciphertext[320 * i : 320 * (i + 1)], 10), 10)
        total = [(x + y) % Q for x, y in zip(total, product(secret, ntt(u)))]
    v = wide(bits_decoded(ciphertext[960:], 4), 4)
    w = [(x - y) % Q for x, y in zip(v, inverse_ntt(total))]
    bits = [((2 * x + Q // 2) // Q) & 1 for x in w]
    message = sum(bit << i for i, bit in enumerate(bits)).to_bytes(32, "little")
    return hashlib.sha3_512(message + expanded[2336:2368]).digest()[:32]


def epoch_secret(data, wanted):
    """X25519 and ML-KEM-768 of an epoch, from the secret file of the vectors."""
    for secret in decode(data)[2]:
        if secret[0] == wanted:
            return x25519.X25519PrivateKey.from_private_bytes(secret[1]), secret[2]
    raise Wrong("no such epoch")


# COSE, RFC 9052.


def cose_sign(data, context, protected, keys):
    """The payload of a COSE_Sign in the one form that is used; both signatures hold."""
    outer = decode(data)
    must(isinstance(outer, Tag) and outer.number == 98, "not a COSE_Sign")
    must(isinstance(outer.value, list) and len(outer.value) == 4, "not a COSE_Sign")
    said, unprotected, payload, signatures = outer.value
    must(unprotected == {} and isinstance(payload, bytes), "something unprotected")
    must(protected(decode(said)), "another protected header")
    must(len(signatures) == 2, "not two signatures")
    signed = []
    for (by, beside, signature), algorithm in zip(signatures, (EDDSA, ML_DSA_65)):
        must(decode(by) == {1: algorithm} and beside == {}, "another algorithm")
        signed.append((encode(["Signature", said, by, context, payload]), signature))
    for (message, signature), which in zip(signed, ("Ed25519", "ML-DSA-65")):
        try:
            if which == "Ed25519":
                key = ed25519.Ed25519PublicKey.from_public_bytes(keys.ed25519)
            else:
                key = mldsa.MLDSA65PublicKey.from_public_bytes(keys.ml_dsa_65)
            key.verify(signature, message)
        except (InvalidSignature, ValueError) as e:
            raise Wrong(f"the {which} signature does not hold") from e
    return said, payload


def parcel(data, sender, receiver, keys):
    """The header of a parcel and its sealed content; everything outside is checked."""
    outside = {}

    def protected(said):
        outside.update(said)
        return list(said) == [3, HEADER] and said[3] == SEALED_TYPE

    _, sealed = cose_sign(data, PARCEL, protected, keys)
    header = decode(outside[HEADER])
    must(header[0] == 1, "another protocol")
    must(header[4] == sender, "from another sender")
    must(header[5] == receiver, "for another state")
    must(len(header[1]) == 16 and len(header[3]) == 32 and len(header[7]) == 32, "a length")
    must(header[6] > 0, "numbers are counted from 1")
    return header, outside[HEADER], sealed


def opened(header, said, sealed, keys, secret):
    """What is in a parcel."""
    outer = decode(sealed)
    must(isinstance(outer, Tag) and outer.number == 96, "not a COSE_Encrypt")
    protected, unprotected, ciphertext, recipients = outer.value
    must(decode(protected) == {1: A256GCM} and list(unprotected) == [5], "another cipher")
    must(len(recipients) == 1, "not one recipient")
    by, given, empty = recipients[0]
    must(decode(by) == {1: HYBRID} and empty == b"", "another way of sealing")
    must(given[4] == header[13].to_bytes(4, "big"), "another epoch than the header's")
    own, expanded = epoch_secret(secret, header[13])
    try:
        classic = own.exchange(x25519.X25519PublicKey.from_public_bytes(given[SHARE]))
        post_quantum = decapsulated(expanded, given[ENCAPSULATED])
        info = given[SHARE] + given[ENCAPSULATED] + keys.x25519 + keys.ml_kem + said
        key = HKDF(hashes.SHA256(), 32, SEAL, info).derive(post_quantum + classic)
        aad = encode(["Encrypt", protected, said])
        padded = AESGCM(key).decrypt(unprotected[5], ciphertext, aad)
    except (InvalidTag, ValueError) as e:
        raise Wrong("the content does not open") from e
    end = len(padded.rstrip(b"\0"))
    must(end > 0 and padded[end - 1] == 0x80, "no padding")
    must(size_class(end) == len(padded), "another size class")
    body = decode(padded[: end - 1])
    kind = header[2]
    takes_back = kind in (WITHDRAWAL, ERASURE)
    names = takes_back or kind in (CORRECTION, ANSWER, JUSTIFICATION)
    must((15 in header) == names, "another parcel where none belongs")
    if takes_back or (kind == ANSWER and header[11] == 0):
        media_type = "text/plain"
    else:
        cbor = kind in (REQUEST, JUSTIFICATION, DAY_TOTAL, KEYS)
        media_type = "application/cbor" if cbor else "application/edifact"
    must(body[1] == media_type, "another media type")
    must(not takes_back or body[0].decode() in REASONS, "another reason")
    must(not takes_back or header[11] == 0, "elements in what takes back")
    # Whether a correction has a ground hangs on what it corrects.
    must(kind == CORRECTION or (2 in body) == (kind == HIT), "a ground where none belongs, or none")
    must((5 in body) == (kind == CORRECTION), "a cause where none belongs, or none")
    must(kind != CORRECTION or body[5] in CAUSES, "another cause")
    must((3 in body) == (kind == ANSWER), "a response where none belongs, or none")
    must((4 in body) == (kind == SPONTANEOUS), "a reason where none belongs, or none")
    if kind == SPONTANEOUS:
        statement(body[4])
    if kind == JUSTIFICATION:
        statement(decode(body[0]))
        must(header[11] == 0, "elements in what justifies")
    if kind == REQUEST:
        request(decode(body[0]))
    if kind == ANSWER:
        response(header, body)
    return body


def total(data, header, rows, keys):
    """What the sender says of a day: the parcels since the total before, each once.

    `rows` are number, kind, digest and verdict of every parcel that came before it in its stream,
    and the number from which on nothing is counted yet.
    """
    _, payload = cose_sign(data, TOTAL, lambda said: said == {3: "application/cbor"}, keys)
    said = decode(payload)
    must(list(said) == list(range(10)) and said[0] == 1, "another form of a total")
    stream = (header[3], header[4], header[5])
    must((said[1], said[2], said[3]) == stream, "a total of another stream")
    must(datetime.date.fromisoformat(said[4]).isoformat() == said[4], "another form of a day")
    must(header[11] == 0, "elements in a total")
    come, first = rows
    must(said[5] == first and first <= said[6] < header[6], "from or to another number")
    counted = [row for row in come if first <= row[0] <= said[6]]
    must(said[7] == counted[-1][2], "another head")
    must(said[8] == day_digest(counted), "another digest of the day")
    must(tallies(said[9]) == tally(counted), "another number of a kind")
    return said


def rollover(data, header, known):
    """The sender's newest keys: of the identity that is known, which certifies them."""
    said = decode(data)
    must(list(said) == [0], "another form of new keys")
    must(header[11] == 0, "elements in what tells new keys")
    told = Keys(encode(said[0]))
    must(told.identity() == known.identity(), "keys of another identity")
    same = (told.epoch, told.x25519, told.ml_kem) == (known.epoch, known.x25519, known.ml_kem)
    must(told.epoch > known.epoch or same, "an epoch that is not higher than the one known")
    return told


def day_digest(rows):
    text = b"".join(number.to_bytes(8, "big") + digest for number, _, digest, _ in rows)
    return hashlib.sha256(TOTALS + text).digest()


def tally(rows):
    kinds = {}
    for _, kind, *_ in rows:
        kinds[kind] = kinds.get(kind, 0) + 1
    return kinds


def tallies(said):
    kinds = [one[0] for one in said]
    must(kinds == sorted(set(kinds)), "a kind twice, or out of order")
    return {one[0]: one[1] for one in said}


def countersigned(said, counted, rows):
    """What the receiver counts, in its receipt, is what came; and the same as the sender says."""
    must(list(counted) == list(range(6)), "another form of a count")
    come, _ = rows
    stretch = [row for row in come if said[5] <= row[0] <= said[6]]
    must((counted[0], counted[1]) == (said[5], said[6]), "a count from or to another number")
    must(counted[2] == said[7] and counted[3] == said[8], "a count of other parcels")
    must(tallies(counted[4]) == tally([r for r in stretch if r[3]]), "another number taken")
    must(tallies(counted[5]) == tally([r for r in stretch if not r[3]]), "another number refused")
    must(tally(stretch) == tallies(said[9]), "the two sides differ")


def request(said):
    """What is asked: about somebody, on a ground, for a reason, with a file."""
    subject = said[0]
    must(set(subject) <= set(range(7)) and all(v.strip() for v in subject.values()), "a subject")
    must((0 in subject) == (1 in subject), "a name without a date of birth, or the other way")
    must(set(subject) & {0, 2, 3, 4, 5}, "about nobody")
    must(6 not in subject or 5 in subject, "a day without a flight")
    must(all(said[key].strip() for key in (1, 2, 3)), "no ground, no reason, or no file")
    must(set(said) <= {0, 1, 2, 3, 4, 5}, "something else in a request")


def statement(said):
    """On what law, why and under which file."""
    must(set(said) == {0, 1, 2}, "something else in a statement, or less")
    must(all(said[key].strip() for key in said), "no ground, no reason, or no file")


def corrects(header, body, came, corrected):
    """It is about a record of the same stream that nothing has replaced; gives what that was."""
    must(header[15] in came, "corrects what never came")
    must(header[15] not in corrected, "corrects what was replaced or taken back")
    before, _ = came[header[15]]
    kind = corrected.get(("kind", header[15]), before[2])
    must(kind in (LIST, HIT), "corrects what is not corrected")
    must((2 in body) == (kind == HIT), "a ground where none belongs, or none")
    must(header[9] == before[9] and header[10] == before[10], "another flight or dataset")
    corrected[header[15]] = header[1]
    corrected[("kind", header[1])] = kind


def justifies(header, came):
    """It is about a request of the same stream that was made in an emergency."""
    must(header[15] in came, "justifies what never came")
    request_header, request_body = came[header[15]]
    must(request_header[2] == REQUEST, "justifies what is no request")
    must(5 in decode(request_body[0]), "justifies what was no emergency")


def response(header, body):
    """What became of a request; records, or one word."""
    said = body[3]
    must(len(said[0]) == 32 and 1 <= said[2] <= said[3] <= 500, "another response")
    must((said[1] == 0) == (header[11] != 0), "records without elements, or the other way")
    must(said[1] == 0 or (said[3] == 1 and body[0].decode() == OUTCOMES[said[1]]), "another word")


def answers(header, body, asked):
    """An answer is to this request, says no more than was asked, and for the same purpose."""
    must(asked is not None, "an answer to nothing")
    asked_header, digest = asked
    must(asked_header[2] == REQUEST, "an answer to what is no request")
    must(body[3][0] == digest, "an answer to another request")
    must(header[11] & ~asked_header[11] == 0, "more than was asked")
    must(header[12] == asked_header[12] and header[10] == asked_header[10], "another purpose")


def size_class(length):
    length = max(length, 4096)
    step = 1 << length.bit_length() - 1 - 3
    return -(-length // step) * step


def receipt(data, header, digest, receiver, keys):
    """The receiver's word on this very parcel."""
    _, payload = cose_sign(data, RECEIPT, lambda said: said == {3: "application/cbor"}, keys)
    said = decode(payload)
    must(said[0] == 1 and said[1] == header[1], "a receipt for another parcel")
    must(said[2] == digest, "a receipt for other bytes")
    must(said[3] == header[3] and said[4] == header[6], "a receipt of another stream")
    must(said[5] == receiver, "a receipt by another state")
    must(said[6][0] in (0, 1), "another verdict")
    return said


def agreement(data, states):
    """The id of an agreement that both have signed."""
    signed = decode(data)
    document = signed[0]
    decode(document)
    parties = decode(document)[1]
    must(sorted(parties) == sorted(s[0] for s in signed[1]), "a party has not signed")
    for signature in signed[1]:
        keys = states[signature[0]][0]
        what = f"{signature[0]} has not signed this"
        keys.both(AGREEMENT + document, signature[1], signature[2], what)
    return hashlib.sha256(document).digest(), parties


def vectors(given):
    """Reads all of it; gives a parcel and a receipt to tamper with."""
    must(given["protocol"] == 1, "another protocol")
    states = {}
    for state in given["states"]:
        keys = Keys(bytes.fromhex(state["public"]))
        must(keys.fingerprint() == state["fingerprint"], "another fingerprint")
        states[state["state"]] = (keys, bytes.fromhex(state["secret"]))
    known, parties = agreement(bytes.fromhex(given["agreement"]), states)
    count, asked = 0, {}
    for stream in given["streams"]:
        for pair in stream["parcels"]:
            data = bytes.fromhex(pair["parcel"])
            header, *_ = parcel(data, stream["from"], stream["to"], states[stream["from"]][0])
            way = (stream["to"], stream["from"])
            asked[(*way, header[1])] = (header, hashlib.sha256(data).digest())
    for stream in given["streams"]:
        sender, receiver = stream["from"], stream["to"]
        must({sender, receiver} == set(parties), "a stream of other states")
        expected, previous, came, corrected = 1, bytes(32), {}, {}
        rows, first, newest = [], 1, states[sender][0]
        for pair in stream["parcels"]:
            data = bytes.fromhex(pair["parcel"])
            header, said, sealed = parcel(data, sender, receiver, states[sender][0])
            must(header[3] == known, "another agreement")
            must(header[6] == expected and header[7] == previous, "out of order")
            body = opened(header, said, sealed, *states[receiver])
            if header[2] == ANSWER:
                answers(header, body, asked.get((sender, receiver, header[15])))
            elif header[2] == JUSTIFICATION:
                justifies(header, came)
            elif header[2] == CORRECTION:
                corrects(header, body, came, corrected)
            elif 15 in header:
                must(header[15] in came, "takes back what never came")
                corrected[header[15]] = header[1]
            if body[1] == "application/edifact":
                must(body[0].startswith(b"UNA"), "no message in a standard format")
            came[header[1]] = (header, body)
            digest = hashlib.sha256(data).digest()
            word = bytes.fromhex(pair["receipt"])
            heard = receipt(word, header, digest, receiver, states[receiver][0])
            must((9 in heard) == (header[2] == DAY_TOTAL), "a count where none belongs, or none")
            if header[2] == DAY_TOTAL:
                stated = total(body[0], header, (rows, first), states[sender][0])
                countersigned(stated, heard[9], (rows, first))
                first = stated[6] + 1
            if header[2] == KEYS:
                newest = rollover(body[0], header, newest)
            rows.append((header[6], header[2], digest, heard[6][0] == 0))
            expected, previous = expected + 1, digest
            count += 1
        if "together" in stream:
            together(*(bytes.fromhex(stream["together"][k]) for k in ("parcels", "answers")), stream)
    return states, count


def together(body, answers, stream):
    """Several parcels in one request, and the answers in one response."""
    parcels = decode(body)
    must(isinstance(parcels, list) and 2 <= len(parcels) <= 64, "no array of parcels")
    must(all(isinstance(p, bytes) for p in parcels), "no array of byte strings")
    sent = [bytes.fromhex(pair["parcel"]) for pair in stream["parcels"]]
    must(parcels == sent, "other parcels, or in another order")
    said = decode(answers)
    must(isinstance(said, list) and len(said) <= len(parcels), "an answer to nothing")
    for at, answer in enumerate(said):
        kind, value = answer
        must(kind == 0 or at == len(said) - 1, "an answer after one that is no receipt")
        if kind == 0:
            word = bytes.fromhex(stream["parcels"][at]["receipt"])
            must(value == [word], "a receipt for another parcel")


# Tampering.


def changed(data, change):
    outer = decode(data)
    change(outer.value)
    return encode(outer)


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def header_with(key, value):
    def change(cose):
        said = decode(cose[0])
        header = decode(said[HEADER])
        header[key] = value
        said[HEADER] = encode(header)
        cose[0] = encode(said)

    return change


def sealed_with(change):
    def inner(cose):
        cose[2] = changed(cose[2], change)

    return inner


def signature_flipped(which):
    def change(cose):
        cose[3][which][2] = flipped(cose[3][which][2], 7)

    return change


def set_in(path, value):
    def change(cose):
        place = cose
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value(place[path[-1]]) if callable(value) else value

    return change


def swap(cose):
    cose[3] = [cose[3][1], cose[3][0]]


def beside(cose):
    cose[1] = {4: b"x"}


TAMPERED_PARCELS = {
    "a bit of the Ed25519 signature": signature_flipped(0),
    "a bit of the ML-DSA-65 signature": signature_flipped(1),
    "the signatures in another order": swap,
    "the post-quantum signature left out": set_in([3], lambda s: s[:1]),
    "a third signature": set_in([3], lambda s: s + [copy.deepcopy(s[0])]),
    "something unprotected": beside,
    "another protocol": header_with(0, 2),
    "another id": header_with(1, bytes(16)),
    "another kind": header_with(2, 1),
    "another agreement": header_with(3, bytes(32)),
    "another sender": header_with(4, "FRA"),
    "another receiver": header_with(5, "FRA"),
    "another number": header_with(6, 7),
    "another history": header_with(7, b"\1" * 32),
    "another time": header_with(8, 0),
    "more elements": header_with(11, 0xFFFFF),
    "another purpose": header_with(12, 3),
    "a bit of the content": sealed_with(set_in([2], lambda c: flipped(c, 100))),
    "another nonce": sealed_with(set_in([1, 5], bytes(12))),
    "another X25519 share": sealed_with(set_in([3, 0, 1, SHARE], bytes(31) + b"\x09")),
    "a bit of the ML-KEM ciphertext": sealed_with(
        set_in([3, 0, 1, ENCAPSULATED], lambda c: flipped(c, 9))
    ),
    "another epoch": sealed_with(set_in([3, 0, 1, 4], b"\0\0\0\2")),
}

def receipt_with(key, value):
    def change(cose):
        said = decode(cose[2])
        said[key] = value
        cose[2] = encode(said)

    return change


TAMPERED_RECEIPTS = {
    "a bit of its Ed25519 signature": signature_flipped(0),
    "a bit of its ML-DSA-65 signature": signature_flipped(1),
    "a receipt for other bytes": receipt_with(2, bytes(32)),
    "a receipt for another number": receipt_with(4, 9),
    "another verdict": receipt_with(6, [1, ["policy", ["AG-10"]]]),
}


def refused(what, attempt):
    try:
        attempt()
    except Wrong as why:
        return f"{what}: {why}"
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as why:
        return f"{what}: not of this form ({type(why).__name__})"
    raise SystemExit(f"NOT FOUND: {what}")


def tamperings(given, states):
    """Every tampering that was found."""
    stream = given["streams"][0]
    sender, receiver = stream["from"], stream["to"]
    data = bytes.fromhex(stream["parcels"][0]["parcel"])
    word = bytes.fromhex(stream["parcels"][0]["receipt"])
    other = bytes.fromhex(stream["parcels"][1]["receipt"])
    by, to = states[sender][0], states[receiver]
    header, said, sealed = parcel(data, sender, receiver, by)
    digest = hashlib.sha256(data).digest()
    found = []

    def whole(tampered):
        parts = parcel(tampered, sender, receiver, by)
        opened(*parts, *to)

    for what, change in TAMPERED_PARCELS.items():
        tampered = changed(data, change)
        must(tampered != data, f"{what} changed nothing")
        found.append(refused(what, lambda: whole(tampered)))
    found.append(refused("a byte at the end", lambda: whole(data + b"\0")))
    found.append(refused("the last byte missing", lambda: whole(data[:-1])))
    longer = data[:2] + b"\x98\x04" + data[3:]
    must(data[2] == 0x84, "the form of a COSE_Sign")
    found.append(refused("the same in another encoding", lambda: whole(longer)))
    seals = {
        "under the seal: a bit of the content": set_in([2], lambda c: flipped(c, 100)),
        "under the seal: another X25519 share": set_in([3, 0, 1, SHARE], bytes(31) + b"\x09"),
        "under the seal: the ML-KEM ciphertext": set_in(
            [3, 0, 1, ENCAPSULATED], lambda c: flipped(c, 9)
        ),
    }
    for what, change in seals.items():
        tampered = changed(sealed, change)
        found.append(refused(what, lambda: opened(header, said, tampered, *to)))
    moved = encode({**decode(said), 12: 3})
    found.append(
        refused("under the seal: another header", lambda: opened(header, moved, sealed, *to))
    )
    for what, change in TAMPERED_RECEIPTS.items():
        tampered = changed(word, change)
        found.append(refused(what, lambda: receipt(tampered, header, digest, receiver, to[0])))
    found.append(
        refused("another parcel's receipt", lambda: receipt(other, header, digest, receiver, to[0]))
    )
    found.append(
        refused("a receipt by the sender", lambda: receipt(word, header, digest, receiver, by))
    )
    found += tampered_requests(given, states)
    found += tampered_statements()
    found += tampered_corrections()
    found += tampered_totals(stream, states)
    found += tampered_keys(stream, states)
    body, said = (bytes.fromhex(stream["together"][k]) for k in ("parcels", "answers"))
    turned = encode(decode(body)[::-1])
    found.append(refused("together in another order", lambda: together(turned, said, stream)))
    turned = encode(decode(said)[::-1])
    found.append(refused("answers in another order", lambda: together(body, turned, stream)))
    more = encode(decode(said) + [[1, [9]]])
    found.append(refused("an answer too many", lambda: together(body, more, stream)))
    early = encode([[1, [9]]] + decode(said)[1:])
    found.append(refused("a receipt after a gap", lambda: together(body, early, stream)))
    signed = decode(bytes.fromhex(given["agreement"]))
    document = decode(signed[0])
    document[3] += 1
    signed[0] = encode(document)
    found.append(refused("another agreement text", lambda: agreement(encode(signed), states)))
    public = bytes.fromhex(given["states"][0]["public"])
    keys = decode(public)
    keys[2][1] = bytes(32)
    found.append(refused("another epoch key", lambda: Keys(encode(keys))))
    return found


def tampered_requests(given, states):
    """Answers to another request, wider than was asked, or that say another thing."""
    there, back = given["streams"]
    parts = {}
    for stream in (there, back):
        for pair in stream["parcels"]:
            data = bytes.fromhex(pair["parcel"])
            sender, receiver = stream["from"], stream["to"]
            header, said, sealed = parcel(data, sender, receiver, states[sender][0])
            body = opened(header, said, sealed, *states[receiver])
            parts.setdefault(header[2], []).append((header, body, hashlib.sha256(data).digest()))
    (asked, asked_body, digest), *_ = parts[REQUEST]
    (header, body, _), (no_header, no_body, _) = parts[ANSWER]
    to = (asked, digest)
    answers(header, body, to)
    found = []

    def claim(what, change, check):
        head, inside = copy.deepcopy(header), copy.deepcopy(body)
        change(head, inside)
        found.append(refused(what, lambda: check(head, inside)))

    held = lambda head, inside: answers(head, inside, to)
    claim("an answer to another request", lambda h, b: b[3].update({0: bytes(32)}), held)
    claim("an answer with more than was asked", lambda h, b: h.update({11: 0xFFFFF}), held)
    claim("an answer for another purpose", lambda h, b: h.update({12: 3}), held)
    claim("an answer to nothing", lambda h, b: None, lambda h, b: answers(h, b, None))
    claim("an answer to a list", lambda h, b: None, lambda h, b: answers(h, b, (header, digest)))
    claim("a part beyond the last", lambda h, b: b[3].update({2: 2}), response)
    claim("records under a refusal", lambda h, b: b[3].update({1: 3}), response)
    no_body[0] = b"harmful"
    found.append(refused("another word than the outcome", lambda: response(no_header, no_body)))
    for what, key, value in (
        ("a request for no reason", 2, " "),
        ("a request about nobody", 0, {}),
        ("a request about a name alone", 0, {0: "A B"}),
        ("a request with something else", 9, "x"),
    ):
        said = {**decode(asked_body[0]), key: value}
        found.append(refused(what, lambda: request(said)))
    return found


def tampered_statements():
    """What is told without a reason, or with something else."""
    whole = {0: "art. 4", 1: "it concerns you", 2: "2026/31"}
    statement(whole)
    wrong = {
        "a telling for no reason": {**whole, 1: " "},
        "a telling on no ground": {0: "", 1: "x", 2: "y"},
        "a telling without a file": {0: "x", 1: "y"},
        "a telling with something else": {**whole, 3: "x"},
    }
    found = [refused(what, lambda said=said: statement(said)) for what, said in wrong.items()]
    header = {15: bytes(16)}
    asked = ({2: REQUEST}, [encode({5: 1})])
    justifies(header, {bytes(16): asked})
    for what, came in (
        ("a justification of nothing", {}),
        ("a justification of a list", {bytes(16): ({2: LIST}, asked[1])}),
        ("a justification of no emergency", {bytes(16): (asked[0], [encode({4: 1})])}),
    ):
        found.append(refused(what, lambda came=came: justifies(header, came)))
    return found


def tampered_corrections():
    """Corrections of what is not held, in another form, or of another flight."""
    flight, earlier = {0: "TK"}, bytes(16)
    header = {1: b"\1" * 16, 2: CORRECTION, 9: flight, 10: 0, 15: earlier}
    came = {earlier: ({2: LIST, 9: flight, 10: 0}, {})}
    corrects(header, {5: "mistake"}, came, {})
    again = {}
    corrects(header, {}, came, again)
    attempts = {
        "a correction of nothing": (header, {}, {}, {}),
        "a second correction of the first": (header, {}, came, again),
        "a correction of what was taken back": (header, {}, came, {earlier: b"x"}),
        "a correction of a request": (header, {}, {earlier: ({2: REQUEST}, {})}, {}),
        "a hit in place of a list": (header, {2: {}}, came, {}),
        "a list in place of a hit": (header, {}, {earlier: ({**came[earlier][0], 2: HIT}, {})}, {}),
        "a correction with another flight": ({**header, 9: {0: "BA"}}, {}, came, {}),
        "a correction with another dataset": ({**header, 10: 2}, {}, came, {}),
    }
    return [refused(what, lambda of=of: corrects(*of)) for what, of in attempts.items()]


def tampered_totals(stream, states):
    """Totals and counts of other parcels, or by another state."""
    sender, receiver = stream["from"], stream["to"]
    rows, last = [], None
    for pair in stream["parcels"]:
        data, word = bytes.fromhex(pair["parcel"]), bytes.fromhex(pair["receipt"])
        header, said, sealed = parcel(data, sender, receiver, states[sender][0])
        digest = hashlib.sha256(data).digest()
        heard = receipt(word, header, digest, receiver, states[receiver][0])
        if header[2] == DAY_TOTAL:
            body = opened(header, said, sealed, *states[receiver])
            last = (header, body[0], heard[9])
            break
        rows.append((header[6], header[2], digest, heard[6][0] == 0))
    must(last is not None, "the vectors hold no total")
    header, data, counted = last
    by = states[sender][0]
    stated = total(data, header, (rows, 1), by)
    found = []

    def whole(tampered=data, rows=rows, first=1, keys=by, header=header):
        return total(tampered, header, (rows, first), keys)

    def says(key, value):
        return lambda cose: cose.__setitem__(2, encode({**decode(cose[2]), key: value}))

    for what, change in {
        "a total: a bit of its Ed25519 signature": signature_flipped(0),
        "a total: a bit of its ML-DSA-65 signature": signature_flipped(1),
        "a total of another day": says(4, "2026-03-02"),
        "a total to another number": says(6, stated[6] - 1),
        "a total of fewer parcels": says(9, stated[9][:-1]),
        "a total with another digest": says(8, bytes(32)),
    }.items():
        found.append(refused(what, lambda t=changed(data, change): whole(t)))
    by_other = states[receiver][0]
    found.append(refused("a total by the receiver", lambda: whole(keys=by_other)))
    less = rows[:2] + rows[3:]
    found.append(refused("a total while a parcel is missing", lambda: whole(rows=less)))
    other = rows[:2] + [(rows[2][0], rows[2][1], bytes(32), rows[2][3])] + rows[3:]
    found.append(refused("a total over another parcel", lambda: whole(rows=other)))
    found.append(refused("a total that counts a day again", lambda: whole(first=2)))
    elsewhere = {**header, 5: "FRA"}
    found.append(refused("a total of another stream", lambda: whole(header=elsewhere)))
    countersigned(stated, counted, (rows, 1))
    for what, key, value in (
        ("a count from another number", 0, 2),
        ("a count of another head", 2, bytes(32)),
        ("a count of other parcels", 3, bytes(32)),
        ("a count that leaves out what was taken", 4, counted[4][:-1]),
        ("a count that leaves out what was refused", 5, []),
        ("a count with something else", 6, 1),
    ):
        changed_count = {**counted, key: value}
        found.append(refused(what, lambda c=changed_count: countersigned(stated, c, (rows, 1))))
    return found


def tampered_keys(stream, states):
    """New keys of another identity, that nobody certified, or of an epoch that is over."""
    sender, receiver = stream["from"], stream["to"]
    known, last = states[sender][0], None
    for pair in stream["parcels"]:
        header, said, sealed = parcel(bytes.fromhex(pair["parcel"]), sender, receiver, known)
        if header[2] == KEYS:
            last = (header, opened(header, said, sealed, *states[receiver])[0])
    must(last is not None, "the vectors hold no new keys")
    header, data = last
    told = rollover(data, header, known)

    def knowing(**other):
        keys = copy.copy(known)
        keys.__dict__.update(other)
        return lambda: rollover(data, header, keys)

    def saying(change):
        said = decode(data)
        change(said[0])
        return lambda: rollover(encode(said), header, known)

    number, other = told.epoch, bytes([told.x25519[0] ^ 1]) + told.x25519[1:]
    return [
        refused("new keys of another identity", lambda: rollover(data, header, states[receiver][0])),
        refused("new keys of a lower epoch", knowing(epoch=number + 1)),
        refused("other keys under a number that is known", knowing(epoch=number)),
        refused("a new epoch under another number", saying(lambda k: k[2].__setitem__(0, 99))),
        refused("a new key that nobody certified", saying(lambda k: k[2].__setitem__(1, other))),
        refused("new keys with elements", lambda: rollover(data, {**header, 11: 1}, known)),
    ]


def main():
    path = sys.argv[1] if len(sys.argv) > 1 else "docs/wire/vectors.json"
    with open(path, encoding="utf-8") as file:
        given = json.load(file)
    try:
        states, count = vectors(given)
        found = tamperings(given, states)
    except Wrong as why:
        print(f"{path}: {why}")
        return 1
    for line in found:
        print(f"refused, as it must be: {line}")
    print(f"{count} parcels and receipts are as specified; {len(found)} tamperings were found")
    return 0


if __name__ == "__main__":
    sys.exit(main())
