//! What each promise asks of what was seen.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use anyhow::Result;
use audit::Actor;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use policy::{Agreement, AgreementId, Mode, PartyKeys, SignedAgreement};
use store::inspect::{SeenDecision, SeenIncoming, SeenKey, SeenOutgoing};
use travel::{Country, ElementSet};

use super::{Answered, Report, seen::Seen};

/// Eight digits of an id or digest are enough to find it.
fn short(id: &str) -> &str {
    id.get(..8).unwrap_or(id)
}

/// Promise 1, against what senders were told.
pub(super) fn answered(all: &[Seen], ledger: &[Answered], report: &mut Report) {
    let once: BTreeMap<(&str, &str), &Answered> =
        ledger.iter().map(|a| ((a.node.as_str(), a.submission.as_str()), a)).collect();
    for seen in all {
        let mut held: HashMap<&str, Vec<&str>> = HashMap::new();
        for s in &seen.submissions {
            held.entry(&s.digest).or_default().push(&s.id);
        }
        let mut travellers: HashMap<&str, u64> = HashMap::new();
        for l in &seen.lists {
            if let Some(s) = &l.submission {
                *travellers.entry(s).or_default() += u64::from(l.travellers);
            }
        }
        let mine = once.values().filter(|a| a.node == seen.state);
        for a in mine {
            report.promises[0].checked += 1;
            let rows = held.get(a.submission.as_str()).map_or(&[][..], Vec::as_slice);
            let here: u64 = rows.iter().filter_map(|id| travellers.get(id)).sum();
            let (at, name) = (a.answered_at, short(&a.submission));
            match rows.len() {
                0 => {
                    report.lost += 1;
                    let what = format!("submission {name}, answered {at}, is not there");
                    report.promises[0].find(&seen.state, what);
                }
                1 if a.travellers != 0 && here < a.travellers => {
                    report.lost += 1;
                    let what = format!("submission {name}: {here} of {} travellers", a.travellers);
                    report.promises[0].find(&seen.state, what);
                }
                1 if a.travellers == 0 || here == a.travellers => {}
                n => {
                    report.doubled += 1;
                    let what = format!("submission {name} is there {n} times, {here} travellers");
                    report.promises[0].find(&seen.state, what);
                }
            }
        }
    }
    let states: BTreeSet<&str> = all.iter().map(|s| s.state.as_str()).collect();
    for a in once.values().filter(|a| !states.contains(a.node.as_str())) {
        report.promises[0].find(&a.node, "a ledger names this node, and it was not looked at");
    }
}

/// Promise 1, as far as the store itself knows: each submission has the lists that it
/// says it has.
pub(super) fn submissions(seen: &Seen, report: &mut Report) {
    let mut lists: HashMap<&str, u32> = HashMap::new();
    for list in &seen.lists {
        if let Some(submission) = &list.submission {
            *lists.entry(submission).or_default() += 1;
        }
    }
    for s in &seen.submissions {
        let here = lists.get(s.id.as_str()).copied().unwrap_or(0);
        report.promises[0].expect(&seen.state, here == s.lists, || {
            format!("submission {} has {here} lists, not {}", short(&s.digest), s.lists)
        });
        report.lost += u64::from(here < s.lists);
        report.doubled += u64::from(here > s.lists);
    }
}

/// Promise 2: what the officers said stands before what was disclosed.
pub(super) fn hits(seen: &Seen, report: &mut Report) {
    let promise = &mut report.promises[1];
    let mut decisions: HashMap<&str, Vec<&SeenDecision>> = HashMap::new();
    for d in &seen.decisions {
        decisions.entry(&d.hit).or_default().push(d);
    }
    let bands: HashMap<&str, &str> =
        seen.hits.iter().map(|h| (h.id.as_str(), h.band.as_str())).collect();
    let needs = |hit: &str| match bands.get(hit) {
        Some(&"hit") => 2,
        Some(_) => 1,
        None => u32::MAX,
    };
    let upheld = |hit: &str, until: Option<Timestamp>| {
        let before = |d: &&&SeenDecision| until.is_none_or(|t| d.at <= t);
        let all = decisions.get(hit).map_or(&[][..], Vec::as_slice);
        let officers: HashSet<&str> = all
            .iter()
            .filter(before)
            .filter(|d| d.verdict == "uphold")
            .map(|d| d.officer.as_str())
            .collect();
        let dismissed = all.iter().any(|d| d.verdict != "uphold");
        // What the log was told when the hit was raised may ask for more, never for less.
        let needed = needs(hit).max(seen.told.hits.get(hit).copied().unwrap_or(0));
        !dismissed && officers.len() as u64 >= u64::from(needed)
    };
    for h in seen.hits.iter().filter(|h| h.state == "upheld") {
        promise.expect(&seen.state, upheld(&h.id, None), || {
            format!("hit {} counts as upheld without the officers it needs", h.id)
        });
    }
    for p in seen.outbox.iter().filter(|p| p.mode == "answer") {
        promise.expect(&seen.state, seen.told.answers.contains(&p.parcel), || {
            format!("parcel {} answers a request on which no officer decided", p.parcel)
        });
    }
    for p in seen.outbox.iter().filter(|p| p.mode == "spontaneous") {
        promise.expect(&seen.state, seen.told.tellings.contains(&p.parcel), || {
            format!("parcel {} tells of somebody of whom no officer decided to tell", p.parcel)
        });
    }
    for p in seen.outbox.iter().filter(|p| p.mode == "hit") {
        let holds = p.hit.as_deref().is_some_and(|hit| upheld(hit, Some(p.queued_at)));
        promise.expect(&seen.state, holds, || {
            format!("parcel {} discloses a hit that officers had not upheld", p.parcel)
        });
    }
}

/// Promise 3: every parcel stands on an agreement.
pub(super) fn parcels(seen: &Seen, all: &[Seen], report: &mut Report) {
    let mut keys: Vec<PartyKeys> = seen.partner_keys.clone();
    let own = Country::parse(&seen.state);
    let told = all.iter().flat_map(|s| &s.partner_keys);
    keys.extend(told.filter(|k| Some(k.party) == own).take(1).cloned());
    let mut known: HashMap<&str, Result<Agreement, String>> = HashMap::new();
    for a in &seen.agreements {
        known.insert(&a.id, document(&a.id, &a.signed, &keys, own));
    }
    for parcel in &seen.outbox {
        let wrong = match known.get(parcel.agreement.as_str()) {
            None => Some("its agreement is not here".to_owned()),
            Some(Err(why)) => Some(why.clone()),
            Some(Ok(agreement)) => uncovered(seen, parcel, agreement),
        };
        report.promises[2].expect(&seen.state, wrong.is_none(), || {
            format!("parcel {}: {}", parcel.parcel, wrong.unwrap_or_default())
        });
    }
    for parcel in seen.inbox.iter().filter(|p| p.verdict == "accepted") {
        let wrong = match known.get(parcel.agreement.as_str()) {
            None => Some("its agreement is not here".to_owned()),
            Some(Err(why)) => Some(why.clone()),
            Some(Ok(agreement)) => unfounded(seen, parcel, agreement),
        };
        report.promises[2].expect(&seen.state, wrong.is_none(), || {
            let from = &parcel.partner;
            format!("parcel {} from {from}: {}", parcel.parcel, wrong.unwrap_or_default())
        });
    }
}

/// The agreement of a row, if both parties' signatures hold. Our own keys are known
/// only from a partner's store; where none was looked at, our own signature is taken
/// as the node itself checked it.
fn document(
    id: &str,
    signed: &[u8],
    keys: &[PartyKeys],
    own: Option<Country>,
) -> Result<Agreement, String> {
    let signed = SignedAgreement::from_cbor(signed).map_err(|e| e.to_string())?;
    if AgreementId::parse(id) != Some(signed.id()) {
        return Err("its agreement is another document than its id says".to_owned());
    }
    let agreement = signed.agreement().map_err(|e| e.to_string())?;
    for party in agreement.parties {
        let unknown = !keys.iter().any(|k| k.party == party);
        let there = signed.signatures.iter().any(|s| s.party == party);
        if unknown && there && Some(party) == own {
            continue;
        }
        signed.verify_party(party, keys).map_err(|e| e.to_string())?;
    }
    Ok(agreement)
}

/// Whether a parcel takes back what went before, justifies a request, or says that one is not
/// answered: it tells of nobody and goes whenever (AG-14, AG-15, AG-16).
fn takes_back(mode: &str) -> bool {
    matches!(mode, "withdrawal" | "erasure" | "justification" | "answer_without" | "total" | "keys")
}

/// The mode by which a parcel is judged: an answer without elements holds one word.
fn judged(mode: &str, told_of_nobody: bool) -> &str {
    if mode == "answer" && told_of_nobody { "answer_without" } else { mode }
}

/// Why a parcel should not have been taken. What it holds is sealed; its mode is not.
fn unfounded(seen: &Seen, parcel: &SeenIncoming, agreement: &Agreement) -> Option<String> {
    let day = parcel.received_at.to_zoned(TimeZone::UTC).date();
    let mode = judged(&parcel.mode, parcel.list.is_none());
    if !takes_back(mode) && (day < agreement.from || day > agreement.until) {
        return Some("its agreement was not in force".to_owned());
    }
    let (from, to) = (Country::parse(&parcel.partner), Country::parse(&seen.state));
    let direction = from.zip(to).and_then(|(from, to)| agreement.direction(from, to));
    if matches!(mode, "request" | "justification") {
        return unanswerable(from.zip(to), agreement);
    }
    if matches!(mode, "total" | "keys") {
        return None;
    }
    if takes_back(mode) {
        return direction.is_none().then(|| "its agreement has no such direction".to_owned());
    }
    let modes = modes(&parcel.mode);
    let covered = direction.is_some_and(|d| d.terms.iter().any(|t| modes.contains(&t.mode)));
    (!covered).then(|| format!("no term lets {} send in mode {}", parcel.partner, parcel.mode))
}

/// Why a request should not have gone: its agreement answers nothing the other way.
fn unanswerable(pair: Option<(Country, Country)>, agreement: &Agreement) -> Option<String> {
    let answers = pair.and_then(|(from, to)| agreement.direction(to, from));
    let asked = answers.is_some_and(|d| d.terms.iter().any(|t| t.mode == Mode::Answer));
    (!asked).then(|| "its agreement has no term that answers requests".to_owned())
}

fn uncovered(seen: &Seen, parcel: &SeenOutgoing, agreement: &Agreement) -> Option<String> {
    let day = parcel.queued_at.to_zoned(TimeZone::UTC).date();
    let mode = judged(&parcel.mode, parcel.elements == 0);
    if !takes_back(mode) && (day < agreement.from || day > agreement.until) {
        return Some("its agreement was not in force".to_owned());
    }
    match seen.told.queued.get(&parcel.parcel) {
        None => return Some("the log does not tell of it".to_owned()),
        Some(q) if q.suspended && !takes_back(mode) => {
            return Some("its agreement was suspended".to_owned());
        }
        Some(q) if !q.accepted => return Some("its agreement had not been accepted".to_owned()),
        Some(_) => {}
    }
    let (from, to) = (Country::parse(&seen.state), Country::parse(&parcel.partner));
    if matches!(mode, "request" | "justification") {
        return unanswerable(from.zip(to), agreement);
    }
    if matches!(mode, "total" | "keys") {
        return (parcel.elements != 0)
            .then(|| format!("it is of kind {mode} and carries elements"));
    }
    let direction = from.zip(to).and_then(|(from, to)| agreement.direction(from, to));
    let Some(direction) = direction else {
        return Some("its agreement has no such direction".to_owned());
    };
    if takes_back(mode) {
        return (parcel.elements != 0).then(|| "it takes back and carries elements".to_owned());
    }
    let (modes, elements) = (modes(&parcel.mode), ElementSet::from_bits(parcel.elements));
    let Some(elements) = elements.filter(|_| !modes.is_empty()) else {
        return Some("its mode or an element of it is unknown".to_owned());
    };
    let covers = |t: &policy::Term| modes.contains(&t.mode) && elements.is_subset(t.elements);
    let covered = !elements.is_empty() && direction.terms.iter().any(covers);
    (!covered).then(|| format!("no term covers mode {} with these elements", parcel.mode))
}

/// By which modes a parcel may have gone: a correction by that of what it corrects.
fn modes(mode: &str) -> Vec<Mode> {
    match mode {
        "correction" => vec![Mode::List, Mode::Hit],
        mode => Mode::named(mode).into_iter().collect(),
    }
}

/// Promise 4: the log verifies, each row has its event, each event its row.
pub(super) fn log(seen: &Seen, report: &mut Report) {
    let (promise, node, told) = (&mut report.promises[3], seen.state.as_str(), &seen.told);
    promise.checked += seen.verification.checked;
    for f in &seen.verification.findings {
        let what = format!("log: {} at {}: {}", f.trouble.name(), f.from, f.text);
        promise.find(node, what);
    }
    for s in &seen.submissions {
        promise.expect(node, told.submissions.contains(&s.digest), || {
            format!("the log does not tell of submission {}", short(&s.digest))
        });
    }
    for l in &seen.lists {
        promise.expect(node, told.lists.get(&l.id) == Some(&l.digest), || {
            format!("the log does not tell of list {}, or with another digest", l.id)
        });
    }
    for h in &seen.hits {
        promise.expect(node, told.hits.contains_key(&h.id), || {
            format!("the log does not tell of hit {}", h.id)
        });
    }
    for d in &seen.decisions {
        let by = told.decisions.get(&(d.hit.clone(), d.ordinal));
        let officer = Actor::Officer(d.officer.clone());
        let same = by.is_some_and(|(who, verdict)| *who == officer && *verdict == d.verdict);
        promise.expect(node, same, || {
            format!("the log does not tell of decision {} on hit {}", d.ordinal, d.hit)
        });
    }
    for p in &seen.outbox {
        let queued = told.queued.get(&p.parcel);
        let same = queued.is_some_and(|q| {
            q.digest == p.digest && q.agreement == p.agreement && q.elements == p.elements
        });
        promise.expect(node, same, || format!("the log does not tell of parcel {}", p.parcel));
        if p.status == "receipted" {
            promise.expect(node, told.receipted.contains(&p.parcel), || {
                format!("the log does not tell of the receipt for parcel {}", p.parcel)
            });
        }
    }
    for p in &seen.inbox {
        let key = (p.partner.clone(), p.parcel.clone());
        let same = match p.verdict.as_str() {
            "accepted" => told.received.get(&key) == Some(&p.digest),
            _ => told.refused.contains(&p.digest),
        };
        promise.expect(node, same, || {
            format!("the log does not tell of parcel {} from {}", p.parcel, p.partner)
        });
    }
    promise.expect(node, told.openings >= seen.openings, || {
        format!("{} openings are kept, the log tells of {}", seen.openings, told.openings)
    });
    rows_of_events(seen, report);
}

/// Nothing that the log tells of has gone from the store. (Erasing destroys keys, not
/// rows.)
fn rows_of_events(seen: &Seen, report: &mut Report) {
    let (promise, node, told) = (&mut report.promises[3], seen.state.as_str(), &seen.told);
    let mut gone = |kind: &str, id: &str, here: bool| {
        promise.expect(node, here, || format!("{kind} {id} stands in the log and is not there"));
    };
    let submissions: HashSet<&str> = seen.submissions.iter().map(|s| s.digest.as_str()).collect();
    told.submissions
        .iter()
        .for_each(|s| gone("submission", short(s), submissions.contains(s.as_str())));
    let lists: HashSet<&str> = seen.lists.iter().map(|l| l.id.as_str()).collect();
    told.lists.keys().for_each(|id| gone("list", id, lists.contains(id.as_str())));
    let hits: HashSet<&str> = seen.hits.iter().map(|h| h.id.as_str()).collect();
    told.hits.keys().for_each(|id| gone("hit", id, hits.contains(id.as_str())));
    let decisions: HashSet<(&str, u32)> =
        seen.decisions.iter().map(|d| (d.hit.as_str(), d.ordinal)).collect();
    for (hit, ordinal) in told.decisions.keys() {
        gone("a decision on hit", hit, decisions.contains(&(hit.as_str(), *ordinal)));
    }
    let outbox: HashSet<&str> = seen.outbox.iter().map(|p| p.parcel.as_str()).collect();
    told.queued.keys().for_each(|id| gone("outgoing parcel", id, outbox.contains(id.as_str())));
    let inbox: HashSet<(&str, &str)> =
        seen.inbox.iter().map(|p| (p.partner.as_str(), p.parcel.as_str())).collect();
    for (partner, parcel) in told.received.keys() {
        gone("incoming parcel", parcel, inbox.contains(&(partner.as_str(), parcel.as_str())));
    }
}

/// Promise 5: what is past its clock has no key.
pub(super) fn clocks(seen: &Seen, now: Timestamp, report: &mut Report) {
    let today = now.to_zoned(TimeZone::UTC).date();
    let (promise, node) = (&mut report.promises[4], seen.state.as_str());
    let keys: HashMap<(&str, Date), &SeenKey> =
        seen.day_keys.iter().map(|k| ((k.scope.as_str(), k.day), k)).collect();
    for l in &seen.lists {
        let key = keys.get(&(l.scope.as_str(), l.day));
        let readable = key.is_some_and(|k| k.present);
        promise.expect(node, !readable || today < l.keep_until, || {
            format!("list {} should be gone since {} and can be read", l.id, l.keep_until)
        });
        let identity = key.is_some_and(|k| k.live);
        let masked_by = l.mask_due.unwrap_or(Date::MAX);
        promise.expect(node, !identity || today < masked_by, || {
            format!("list {} should be masked since {masked_by} and shows who is on it", l.id)
        });
    }
    for k in &seen.day_keys {
        let name = store::key_name(&k.scope, k.day);
        let past = |due: Option<Date>| due.is_some_and(|due| due <= today);
        promise.expect(node, !k.present || !past(k.erase_due), || {
            format!("key {name} should be destroyed by now; `passerelle keep run` does it")
        });
        promise.expect(node, !k.live || !past(k.mask_due), || {
            format!("key {name} should be masked by now; `passerelle keep run` does it")
        });
        promise.expect(node, !k.erased || !k.present, || {
            format!("key {name} counts as destroyed and is there")
        });
        promise.expect(node, !k.erased || seen.told.erased.contains(&name), || {
            format!("key {name} was destroyed and the log has no certificate of it")
        });
        promise.expect(node, !k.masked || seen.told.masked.contains(&name), || {
            format!("key {name} was masked and the log does not say so")
        });
    }
}

/// Promise 6 within one node: nothing sealed was changed, no number is missing, no
/// alarm waits.
pub(super) fn streams(seen: &Seen, report: &mut Report) {
    let (promise, node) = (&mut report.promises[5], seen.state.as_str());
    for l in &seen.lists {
        let same = l.found.as_ref().is_none_or(|found| *found == l.digest);
        promise.expect(node, same, || format!("list {} is not what was kept", l.id));
    }
    let mut streams: BTreeMap<(&str, &str, &str), Vec<u64>> = BTreeMap::new();
    for p in &seen.outbox {
        let stream = ("to", p.partner.as_str(), p.agreement.as_str());
        streams.entry(stream).or_default().push(p.sequence);
    }
    // A refused parcel has its number too: the stream goes on after it.
    for p in &seen.inbox {
        let stream = ("from", p.partner.as_str(), p.agreement.as_str());
        streams.entry(stream).or_default().push(p.sequence);
    }
    for ((way, partner, agreement), mut numbers) in streams {
        numbers.sort_unstable();
        let whole =
            numbers.first() == Some(&1) && numbers.windows(2).all(|pair| pair[1] == pair[0] + 1);
        promise.expect(node, whole, || {
            format!("the stream {way} {partner} under {} has a gap or a double", short(agreement))
        });
    }
    for (agreement, why) in &seen.stopped {
        promise.find(node, format!("the stream under {} is stopped: {why}", short(agreement)));
    }
    for alarm in &seen.alarms {
        promise.find(node, format!("alarm {} ({}) waits: {}", alarm.id, alarm.kind, alarm.what));
    }
}

/// Promises 1 and 6 between nodes: what one has a receipt for, the other holds, once
/// and unchanged, and what one holds the other has sent.
pub(super) fn exchange(seen: &Seen, all: &[Seen], report: &mut Report) -> Result<()> {
    for other in all.iter().filter(|o| o.state != seen.state) {
        let held: HashMap<&str, &SeenIncoming> = other
            .inbox
            .iter()
            .filter(|p| p.partner == seen.state)
            .map(|p| (p.parcel.as_str(), p))
            .collect();
        let lists = lists_by_parcel(other, &seen.state);
        let sent = seen.outbox.iter().filter(|p| p.partner == other.state);
        for p in sent.filter(|p| p.status == "receipted") {
            report.promises[5].checked += 1;
            let found = match held.get(p.parcel.as_str()) {
                Some(found) => Some((*found).clone()),
                // The other was looked at first, and the parcel may have come since.
                None => other.at.inspect()?.incoming(&seen.state, &p.parcel)?,
            };
            let wrong = match &found {
                None => "has a receipt and is not there",
                Some(f) if f.digest != p.digest => "is there with another digest",
                Some(f) if f.verdict != "accepted" => "has a receipt and was refused",
                Some(_) => match lists.get(p.parcel.as_str()) {
                    Some(n) if *n > 1 => "is there more than once",
                    _ => continue,
                },
            };
            report.lost += u64::from(found.is_none());
            report.doubled += u64::from(wrong == "is there more than once");
            let what = format!("parcel {} to {} {wrong}", p.parcel, other.state);
            report.promises[5].find(&seen.state, what);
        }
        from_nowhere(seen, other, &held, report)?;
    }
    Ok(())
}

fn lists_by_parcel<'a>(node: &'a Seen, origin: &str) -> HashMap<&'a str, u32> {
    let mut lists: HashMap<&str, u32> = HashMap::new();
    for l in node.lists.iter().filter(|l| l.origin == origin) {
        if let Some(parcel) = &l.parcel {
            *lists.entry(parcel).or_default() += 1;
        }
    }
    lists
}

fn from_nowhere(
    seen: &Seen,
    other: &Seen,
    held: &HashMap<&str, &SeenIncoming>,
    report: &mut Report,
) -> Result<()> {
    let sent: HashMap<&str, &str> =
        seen.outbox.iter().map(|p| (p.parcel.as_str(), p.digest.as_str())).collect();
    let mut digests: HashSet<&str> = HashSet::new();
    for p in held.values().filter(|p| p.verdict == "accepted") {
        let digest = match sent.get(p.parcel.as_str()) {
            Some(digest) => Some((*digest).to_owned()),
            None => seen.at.inspect()?.outgoing(&p.parcel)?.map(|o| o.digest),
        };
        report.promises[5].expect(&other.state, digest.as_ref() == Some(&p.digest), || {
            format!("parcel {} from {} was never sent so", p.parcel, seen.state)
        });
        if !digests.insert(&p.digest) {
            report.doubled += 1;
            let what = format!("parcel {} from {} came under two ids", p.parcel, seen.state);
            report.promises[5].find(&other.state, what);
        }
    }
    Ok(())
}
