#!/usr/bin/env python3
"""Makes the tables of this crate from their sources (see NOTICE).

usage: make.py SOURCES FOLD
SOURCES holds the files of rigour, nicknames, sigpwned, NETransliteration, arabic-name-romanizer,
yente's made-up people, and the lists of OFAC and the UN, as they were published; FOLD is
`cargo build -p names --example fold`, so that tables and program fold alike.
"""
import collections, csv, gzip, math, os, re, subprocess, sys, unicodedata

SOURCES, FOLD = sys.argv[1], sys.argv[2]
HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "src")


def fold(lines):
    lines = [" ".join(l.split()) for l in lines]
    done = subprocess.run([FOLD], input="\n".join(lines) + "\n", text=True, capture_output=True, check=True)
    return done.stdout.split("\n")[: len(lines)]


def open_any(name):
    path = os.path.join(SOURCES, name)
    return gzip.open(path, "rt", encoding="utf-8-sig") if name.endswith("gz") else open(path, encoding="utf-8-sig")


def shares(people):
    """Share of people who bear each word; `people` are (weight, folded name)."""
    count, total = collections.Counter(), 0.0
    for weight, name in people:
        total += weight
        for word in set(name.split()):
            if len(word) > 1:
                count[word] += weight
    return {w: n / total for w, n in count.items()}


def by_country():
    """Common names, each country alike: by the published share, else by rank."""
    total = collections.Counter()
    for file, column in [("sigpwned_common-forenames-by-country.csv", "Index"), ("sigpwned_common-surnames-by-country.csv", "Rank")]:
        rows = list(csv.DictReader(open_any(os.path.join("names", file))))
        names = fold([r["Romanized Name"] for r in rows])
        countries = len({r["Country"] for r in rows})
        for row, name in zip(rows, names):
            rank = int(row.get(column) or row["Index"] or 20)
            percent = row.get("Percent") or ""
            share = float(percent.strip("%")) / 100 if percent.strip("%").replace(".", "", 1).isdigit() else 0.05 / (rank + 4)
            for word in set(name.split()):
                if len(word) > 1:
                    total[word] += min(share, 0.08) / countries
    return total


def wikidata():
    people = []
    for file in ("netrans_wd_arabic_80.txt.gz", "netrans_wd_russian_80.txt.gz"):
        rows = [l.rstrip("\n").split("\t") for l in open_any(os.path.join("names", file))]
        people += zip([int(r[-1]) for r in rows], [r[0] for r in rows])
    names = fold([n for _, n in people])
    # A row is one word; two make a name.
    return {w: 2 * s for w, s in shares((p[0], n) for p, n in zip(people, names)).items()}


def arabic():
    rows = list(csv.DictReader(open_any("names/arabic_romanizer_units.tsv.gz"), delimiter="\t"))
    names = fold([r["latin"] for r in rows])
    return {w: 2 * s for w, s in shares((int(r["count"]), n) for r, n in zip(rows, names)).items()}


def made_up():
    rows = list(csv.DictReader(open_any("names/synthetic_people_global.csv.gz")))
    return shares((1, n) for n in fold([r["full_name"] for r in rows]))


def listed():
    names = []
    with open_any("lists/ofac_sdn_2023-11.csv") as f:
        names += [r[1] for r in csv.reader(f) if len(r) > 2 and r[2].strip() == "individual"]
    text = open_any("lists/un_consolidated_2026-02-27.xml").read()
    for person in re.findall(r"<INDIVIDUAL>(.*?)</INDIVIDUAL>", text, re.S):
        parts = re.findall(r"<(?:FIRST|SECOND|THIRD|FOURTH)_NAME>([^<]*)<", person)
        names.append(" ".join(parts))
    return shares((1, n) for n in fold(names))


def frequency():
    sources = [(0.30, by_country()), (0.20, wikidata()), (0.15, arabic()), (0.35, made_up())]
    travelling = collections.Counter()
    for weight, shares_ in sources:
        for word, share in shares_.items():
            travelling[word] += weight * share
    on_lists = listed()
    rows = []
    for word in set(travelling) | set(on_lists):
        # A name met often on lists meets many entries: it tells as little as one met often
        # among travellers, and counting it so keeps its bearers from being asked more often.
        share = 0.5 * travelling.get(word, 0) + 0.5 * on_lists.get(word, 0)
        tenths = round(-10 * math.log(share))
        if tenths <= 92:
            rows.append((word, tenths))
    with open(os.path.join(HERE, "frequency.csv"), "w") as out:
        for word, tenths in sorted(rows):
            out.write(f"{word},{tenths}\n")
    print(len(rows), "frequencies")


def groups(lines):
    """Groups of one-word spellings, folded; words of one group only and of two letters or more."""
    # Other scripts leave vowels out, or are read otherwise in each language.
    plain = lambda s: s and all(c.isascii() or unicodedata.name(c, "").startswith(("LATIN", "CYRILLIC")) for c in s)
    spelled = [[s.strip() for s in line.split("=>")[0].split(",") if plain(s.strip())] for line in lines]
    flat = fold([s for group in spelled for s in group])
    at, found = 0, []
    for group in spelled:
        words = sorted({w for w in flat[at : at + len(group)] if len(w) > 1 and " " not in w})
        at += len(group)
        if len(words) > 1:
            found.append(words)
    return found


def variants():
    lines = [l for l in open_any("names/rigour_person_names.txt.gz") if "=>" in l]
    found = groups(lines)
    with open("/dev/stdout" if "-" in sys.argv else os.path.join(HERE, "..", "tables", "variants.raw"), "w") as out:
        for words in found:
            out.write(" ".join(words) + "\n")
    print(len(found), "groups")


def nicknames():
    rows = list(csv.DictReader(open_any("names/nicknames_en.csv")))
    long, short = fold([r["name1"] for r in rows]), fold([r["name2"] for r in rows])
    pairs = {tuple(sorted(p)) for p in zip(long, short) if all(len(x) > 1 and " " not in x for x in p)}
    with open(os.path.join(HERE, "nicknames.txt"), "w") as out:
        for a, b in sorted(pairs):
            out.write(f"{a} {b}\n")
    print(len(pairs), "nicknames")


if __name__ == "__main__":
    frequency(), variants(), nicknames()
