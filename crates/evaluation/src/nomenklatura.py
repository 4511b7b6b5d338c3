"""Scores the pairs of a directory with nomenklatura, one JSON object a line.

python3 nomenklatura.py DIR ALGORITHM...

Written for nomenklatura 4.17. The first line tells its version; then one line for each pair and
algorithm. Progress goes to standard error. Exit code 3: it is not installed.
"""

import gzip
import json
import os
import sys
import time

FILES = {
    "labelled": "labelled_pairs.jsonl",
    "degraded": "degraded_queries.jsonl",
    "false_alert": "false_alert_pairs.jsonl.gz",
}


def lines(path):
    plain = path.removesuffix(".gz")
    if path.endswith(".gz") and os.path.exists(path):
        return gzip.open(path, "rt", encoding="utf-8")
    return open(plain, encoding="utf-8") if os.path.exists(plain) else []


def many(value):
    return value if isinstance(value, list) else [value] if value else []


def person(entity, key, names, row):
    """A person as nomenklatura has it; what the row does not say is left out.

    No two have one key: what was worked out for a key is remembered.
    """
    said = {
        "name": many(names),
        "weakAlias": many(row.get("weak")),
        "firstName": many(row.get("first")),
        "lastName": many(row.get("last")),
        "birthDate": many(row.get("dob")),
        "gender": {"M": ["male"], "F": ["female"]}.get(row.get("sex"), many(row.get("sex"))),
        "nationality": many(row.get("nat")),
    }
    # Values are cleaned as whoever asks its service would have them cleaned.
    made = entity.from_dict({"id": key, "schema": "Person", "properties": {}}, cleaned=False)
    for name, values in said.items():
        for value in values:
            made.add(name, value, cleaned=False, quiet=True)
    return made


def main(directory, wanted):
    try:
        import nomenklatura
        from followthemoney import EntityProxy
        from nomenklatura.matching import ScoringConfig, get_algorithm
    except ImportError as error:
        print(error, file=sys.stderr)
        return 3
    print(json.dumps({"version": nomenklatura.__version__}), flush=True)
    algorithms = [(name, get_algorithm(name)) for name in wanted]
    seconds = dict.fromkeys(wanted, 0.0)
    scored = 0
    for file, name in FILES.items():
        for row, line in enumerate(lines(os.path.join(directory, name))):
            pair, key = json.loads(line), f"{file}-{row}"
            query = person(EntityProxy, f"{key}-query", pair["query"].get("name"), pair["query"])
            listed = person(EntityProxy, f"{key}-list", pair["list"].get("names"), pair["list"])
            for peer, algorithm in algorithms:
                if algorithm is None:
                    continue
                start = time.process_time()
                score = algorithm.compare(query, listed, ScoringConfig.defaults()).score
                seconds[peer] += time.process_time() - start
                print(json.dumps({"peer": peer, "set": file, "row": row, "score": score}))
            scored += 1
            if scored % 5000 == 0:
                print(f"nomenklatura: {scored} pairs", file=sys.stderr, flush=True)
    for peer, spent in seconds.items():
        if spent:
            print(f"nomenklatura {peer}: {scored / spent:.0f} pairs a second", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
