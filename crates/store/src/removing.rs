//! Removing single travellers of a list before their day goes (`docs/formats/one-traveller.md`).
//!
//! A record's key hangs on its day's, and every copy of the store that was ever made holds what
//! that key opens. So the day goes over: it gets new keys (the next generation of its scope,
//! `…~2`), whoever stays is sealed anew under them, and the old ones are destroyed, which reaches
//! the copies as well.
//!
//! | step | in one transaction | a crash after it leaves |
//! |---|---|---|
//! | [`Change::GoOver`] | the mark, who is to go, event `removal_begun` | a day that is marked: [`Store::going`] finds it |
//! | [`Change::ListAnew`], [`Change::SubmissionAnew`] | one row with all that hangs on it | some under the old key, some under the new; both open |
//! | [`Change::GoneOver`] | the old keys, what was projected under them, event `erased` | what is not purged is purged next time |
//!
//! From the mark on nothing more is sealed under the old keys: [`Store::open_scope`] gives the
//! next generation, and the writer refuses a batch that rests on the old one
//! ([`Batch::rests_on`]), whose maker does it again.

use std::collections::{BTreeMap, BTreeSet};

use audit::{Actor, Digest, Event, Logged};
use jiff::{Timestamp, civil::Date, tz::TimeZone};

use crate::{
    Batch, Change, Store, StoreError,
    db::{bad, values},
    keys::{self, Part, key_name},
    rows::{List, Removal, Submission},
};

type Result<T, E = StoreError> = std::result::Result<T, E>;
/// Of a key: its scope and day.
type Key = (String, Date);

/// Rows that are sealed anew in one transaction, and so many bytes of them, at most.
const TOGETHER: (usize, usize) = (64, 8 << 20);
/// Places in one event, which has room for 65,535 bytes.
const PLACES: usize = 400;
/// Characters of one place in an event.
const PLACE: usize = 120;

/// A list sealed anew under the next keys of its day, without who goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListAnew {
    /// Its id.
    pub list: String,
    /// The scope under which it is, and the one under which it comes.
    pub scopes: (String, String),
    /// The day of both.
    pub day: Date,
    /// The list in its two parts.
    pub sealed: [Vec<u8>; 2],
    /// SHA-256 of the two, one after the other; nothing when the list was taken back.
    pub digest: Option<Digest>,
    /// When its travellers without a ground must be gone, from now on.
    pub leave_due: Option<Date>,
    /// Its clocks, for the new keys.
    pub clocks: (Date, Option<Date>),
    /// What hangs on it.
    pub attached: Vec<Attached>,
}

/// What hangs on a list, sealed anew; empty where it was about who goes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each variant is named for its row, by which it is found")]
pub enum Attached {
    Hit {
        id: String,
        sealed: Vec<u8>,
    },
    /// A hit of somebody who goes: nothing but its id stays, with who decided on it and when.
    HitGone {
        id: String,
    },
    Reason {
        hit: String,
        ordinal: u32,
        sealed: Vec<u8>,
    },
    Opening {
        id: i64,
        sealed: Vec<u8>,
    },
    ReceivedHit {
        id: String,
        sealed: Vec<u8>,
    },
    Telling {
        partner: String,
        parcel: String,
        sealed: Vec<u8>,
    },
}

/// A submission sealed anew; empty where it names somebody who goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmissionAnew {
    /// Its id.
    pub id: String,
    /// The scope under which it is, and the one under which it comes.
    pub scopes: (String, String),
    /// The day of both.
    pub day: Date,
    /// Original and answer.
    pub sealed: [Vec<u8>; 2],
    /// The first day on which both must be gone.
    pub keep_until: Date,
}

/// Who of a list is to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaving {
    /// The list.
    pub list: String,
    /// Numbers of travellers on it, from 0.
    pub travellers: Vec<u32>,
}

/// A day that went over to new keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GoneOver {
    /// The name of the keys that were destroyed.
    pub key: String,
    /// How many travellers went.
    pub travellers: u64,
    /// How many lists are under the new keys.
    pub lists: u64,
}

/// Numbers as they are written in rows and events: `0-57,59`.
///
/// ```
/// assert_eq!(store::numbers(&[3, 0, 1, 2, 7]), "0-3,7");
/// assert_eq!(store::numbered("0-3,7"), [0, 1, 2, 3, 7]);
/// ```
pub fn numbers(travellers: &[u32]) -> String {
    spans(travellers).join(",")
}

/// Reads what [`numbers`] wrote; what is no number is left out.
pub fn numbered(text: &str) -> Vec<u32> {
    let span = |part: &str| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        Some(first.parse().ok()?..=last.parse::<u32>().ok()?)
    };
    text.split(',').filter_map(span).flatten().collect()
}

fn spans(travellers: &[u32]) -> Vec<String> {
    let sorted: BTreeSet<u32> = travellers.iter().copied().collect();
    let mut spans: Vec<(u32, u32)> = Vec::new();
    for number in sorted {
        match spans.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => spans.push((number, number)),
        }
    }
    let written = |(first, last): (u32, u32)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    };
    spans.into_iter().map(written).collect()
}

/// Places as events name them, `list/0-57,59`, none longer than an event has room for.
fn places<'r>(of: impl Iterator<Item = &'r Removal>) -> Vec<String> {
    let mut places = Vec::new();
    for removal in of {
        let mut place = String::new();
        for span in removal.travellers.split(',') {
            if place.is_empty() || place.len() + span.len() > PLACE {
                places.extend((!place.is_empty()).then(|| std::mem::take(&mut place)));
                place = format!("{}/{span}", removal.list);
            } else {
                place = format!("{place},{span}");
            }
        }
        places.push(place);
    }
    places
}

/// The rules of some removals, each once.
fn rules<'r>(of: impl Iterator<Item = &'r Removal>) -> Vec<String> {
    let words: BTreeSet<&str> = of.flat_map(|r| r.rules.split_whitespace()).collect();
    words.into_iter().map(str::to_owned).collect()
}

/// The scope of a generation's first: `carrier.uk_eu_tca` of `carrier.uk_eu_tca~3`.
pub(crate) fn first_generation(scope: &str) -> &str {
    match scope.rsplit_once('~') {
        Some((first, number)) if number.parse::<u32>().is_ok() => first,
        _ => scope,
    }
}

impl Store {
    /// Writes down who is to go, by which rules, and marks the days of their lists, and those of
    /// the messages that name them, as going over. [`go_over`](Self::go_over) does the rest, now
    /// or after a crash. Gives the keys that are to go, by scope and day.
    ///
    /// # Errors
    /// There is no such list or traveller, or they were removed before
    /// ([`StoreError::Missing`]); the day is masked, goes over already, or something of the list
    /// is under way ([`StoreError::Conflict`]): then nothing is begun.
    pub fn begin_removal(
        &self,
        leaving: &[Leaving],
        rules: &[String],
        (by, at): (Actor, Timestamp),
    ) -> Result<Vec<(String, Date)>> {
        let mut removals: BTreeMap<Key, Vec<Removal>> = BTreeMap::new();
        for one in leaving {
            let row = self.there(one)?;
            let mut under = BTreeSet::from([(row.scope.clone(), row.day)]);
            let of = row.submission.as_deref().map(|id| self.submission(id)).transpose()?;
            under.extend(of.flatten().map(|s| (s.scope, s.day)));
            for (scope, day) in under {
                let removal = Removal {
                    list: row.id.clone(),
                    scope: scope.clone(),
                    day,
                    travellers: numbers(&one.travellers),
                    rules: rules.join(" "),
                    asked_by: match &by {
                        Actor::Officer(officer) => Some(officer.clone()),
                        _ => None,
                    },
                    begun_at: at,
                    removed_at: None,
                };
                removals.entry((scope, day)).or_default().push(removal);
            }
        }
        let mut events = Vec::new();
        for ((scope, day), of) in &removals {
            self.has_no_reasons(scope, *day)?;
            for some in places(of.iter()).chunks(PLACES) {
                let event = Event::RemovalBegun {
                    key: key_name(scope, *day),
                    rules: rules.to_vec(),
                    travellers: some.to_vec(),
                };
                events.push(Logged::new(at, by.clone(), event));
            }
        }
        let keys: Vec<Key> = removals.keys().cloned().collect();
        let changes = removals.into_iter().map(|((scope, day), removals)| Change::GoOver {
            scope,
            day,
            removals,
            at,
        });
        self.commit(Batch::new(changes.collect(), events))?;
        Ok(keys)
    }

    /// The list, when all of them stand on it.
    fn there(&self, one: &Leaving) -> Result<List> {
        let missing = |what, id: String| StoreError::Missing { what, id };
        let row = self.list(&one.list)?.ok_or_else(|| missing("list", one.list.clone()))?;
        let gone: BTreeSet<u32> = self.removed_of(&row.id)?.into_iter().collect();
        let wrong = one.travellers.iter().find(|n| **n >= row.travellers || gone.contains(n));
        match wrong {
            Some(number) => {
                Err(missing("traveller of that list (any more)", format!("{}/{number}", row.id)))
            }
            None if one.travellers.is_empty() => Err(missing("traveller", String::new())),
            None => Ok(row),
        }
    }

    /// What officers gave as reasons (agreements, alarms, criteria) hangs on the key of the bare
    /// origin and has no row to be found by.
    fn has_no_reasons(&self, scope: &str, day: Date) -> Result<()> {
        if scope != crate::CARRIERS {
            return Ok(());
        }
        let from = day.to_zoned(TimeZone::UTC).map_err(|_| bad("day"))?.timestamp();
        let to = day.saturating_add(jiff::Span::new().days(1));
        let to = to.to_zoned(TimeZone::UTC).map_err(|_| bad("day"))?.timestamp();
        let sql = "SELECT (SELECT COUNT(*) FROM alarms WHERE reason IS NOT NULL AND settled_at >= ?1 AND settled_at < ?2)
             + (SELECT COUNT(*) FROM agreement_acts WHERE reason IS NOT NULL AND at >= ?1 AND at < ?2)
             + (SELECT COUNT(*) FROM criteria WHERE reason IS NOT NULL AND withdrawn_at >= ?1 AND withdrawn_at < ?2)";
        let (from, to) = (from.as_microsecond(), to.as_microsecond());
        match self.read(|db| db.number(sql, values![from, to]))? {
            0 => Ok(()),
            _ => Err(StoreError::Conflict(format!(
                "reasons of officers are under the key {} of a list that no law binds: the whole \
                 day can go, a single traveller cannot",
                key_name(scope, day)
            ))),
        }
    }

    /// Days that are marked as going over and have not gone over yet.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn going(&self) -> Result<Vec<(String, Date)>> {
        let sql = "SELECT scope, day FROM day_keys WHERE going_at IS NOT NULL AND erased_at IS NULL
                   ORDER BY day, scope";
        self.read(|db| {
            db.rows(sql, &[], |r| {
                let day: String = r.get(1)?;
                Ok((r.get(0)?, day.parse().map_err(|_| bad("day"))?))
            })
        })
    }

    /// Numbers on a list of who was removed, or is about to be.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn removed_of(&self, list: &str) -> Result<Vec<u32>> {
        let sql = "SELECT DISTINCT travellers FROM removals WHERE list = ?1";
        let found: Vec<String> = self.read(|db| db.rows(sql, values![list], |r| r.get(0)))?;
        let all: BTreeSet<u32> = found.iter().flat_map(|text| numbered(text)).collect();
        Ok(all.into_iter().collect())
    }

    /// Goes on with a day that is marked, to its end: what is under its old keys comes under new
    /// ones, without who goes, and the old ones are destroyed. What is left of sealed bytes on
    /// the disk is taken off by [`purge_day`](Self::purge_day) and [`scrub`](Self::scrub).
    ///
    /// # Errors
    /// The day is not marked; the store refuses. What was sealed anew stays so.
    pub fn go_over(&self, scope: &str, day: Date, at: Timestamp) -> Result<GoneOver> {
        let name = key_name(scope, day);
        let mut gone = GoneOver { key: name.clone(), ..GoneOver::default() };
        if self.key(Part::Identity, (scope, day))?.is_none() {
            return Err(StoreError::Missing { what: "day key", id: name });
        }
        let to = self.open_scope(first_generation(scope), day)?;
        if to == scope {
            return Err(StoreError::Conflict(format!("{name} does not go over to new keys")));
        }
        let removals = self.removals_under(scope, day)?;
        let over = Over { store: self, from: scope, to: &to, day, at };
        over.lists()?;
        over.submissions()?;
        let (events, rules) = (places(removals.iter()), rules(removals.iter()));
        let certificate = |some: &[String]| {
            let travellers = some.to_vec();
            let event =
                Event::Erased { key: name.clone(), lists: 0, rules: rules.clone(), travellers };
            Logged::new(at, Actor::Node, event)
        };
        let change = Change::GoneOver { scope: scope.to_owned(), day, at };
        let mut events: Vec<Logged> = events.chunks(PLACES).map(certificate).collect();
        if events.is_empty() {
            events.push(certificate(&[]));
        }
        self.commit(Batch::new(vec![change], events))?;
        self.keys.forget(&name);
        gone.travellers = removals.iter().map(|r| numbered(&r.travellers).len() as u64).sum();
        gone.lists = self.ids_under(&to, day)?.len() as u64;
        Ok(gone)
    }
}

/// A day on its way from one pair of keys to the next.
struct Over<'s> {
    store: &'s Store,
    from: &'s str,
    to: &'s str,
    day: Date,
    at: Timestamp,
}

impl Over<'_> {
    fn lists(&self) -> Result<()> {
        let ids = self.store.ids_under(self.from, self.day)?;
        self.each(&ids, |id| {
            let Some(row) = self.store.list(id)? else { return Ok(None) };
            self.list(&row).map(Change::ListAnew).map(Some)
        })
    }

    fn submissions(&self) -> Result<()> {
        let sql = "SELECT id FROM submissions WHERE scope = ?1 AND day = ?2 ORDER BY id";
        let key = (self.from, self.day.to_string());
        let ids: Vec<String> =
            self.store.read(|db| db.rows(sql, values![key.0, key.1], |r| r.get(0)))?;
        self.each(&ids, |id| {
            let Some(row) = self.store.submission(id)? else { return Ok(None) };
            self.submission(&row).map(Change::SubmissionAnew).map(Some)
        })
    }

    /// Seals rows anew and commits them, some at a time.
    fn each(&self, ids: &[String], anew: impl Fn(&str) -> Result<Option<Change>>) -> Result<()> {
        let (mut waiting, mut bytes) = (Vec::new(), 0);
        for id in ids {
            let Some(change) = anew(id)? else { continue };
            bytes += size(&change);
            waiting.push(change);
            if waiting.len() >= TOGETHER.0 || bytes >= TOGETHER.1 {
                bytes = 0;
                self.commit(std::mem::take(&mut waiting))?;
            }
        }
        self.commit(waiting)
    }

    /// Of a message the mark tells, and the certificate at the end.
    fn commit(&self, changes: Vec<Change>) -> Result<()> {
        if changes.is_empty() {
            return Ok(());
        }
        let key = key_name(self.to, self.day);
        let told = |change: &Change| match change {
            Change::ListAnew(ListAnew { list, digest: Some(digest), .. }) => {
                let (list, key) = (list.clone(), key.clone());
                let event = Event::SealedAnew { list, digest: *digest, key };
                Some(Logged::new(self.at, Actor::Node, event))
            }
            _ => None,
        };
        let events = changes.iter().filter_map(told).collect();
        self.store.commit(Batch::new(changes, events)).map(drop)
    }

    fn list(&self, row: &List) -> Result<ListAnew> {
        let removed = self.store.removed_of(&row.id)?;
        let today = self.at.to_zoned(TimeZone::UTC).date();
        let all_gone = removed.len() >= row.travellers as usize;
        let leave_due = row.leave_due.filter(|due| !(all_gone && *due <= today));
        // Of a list that was taken back there is nothing.
        let sealed = match row.sealed.is_empty() {
            true => [Vec::new(), Vec::new()],
            false => self.parts(row, &removed)?,
        };
        Ok(ListAnew {
            list: row.id.clone(),
            scopes: (self.from.to_owned(), self.to.to_owned()),
            day: self.day,
            digest: (!sealed[0].is_empty()).then(|| Digest::of_parts(&[&sealed[0], &sealed[1]])),
            sealed,
            leave_due,
            clocks: (row.keep_until, row.mask_due),
            attached: self.attached(row, &removed)?,
        })
    }

    /// The list in its two parts, without who goes: what the identity part held, it holds again.
    fn parts(&self, row: &List, removed: &[u32]) -> Result<[Vec<u8>; 2]> {
        let identity = self.store.unseal((self.from, self.day), ("list", &row.id), &row.sealed)?;
        let masked = keys::decode(&identity)?.elements();
        let left = self.store.joined(row, &identity)?.without(removed);
        let key = (self.to, self.day);
        if row.remainder.is_empty() {
            let whole = self.store.seal(key, ("list", &row.id), &left.encode(), self.at)?;
            return Ok([whole, Vec::new()]);
        }
        self.store.seal_list(key, (&row.id, &left), masked, self.at).map(Into::into)
    }

    fn attached(&self, row: &List, removed: &[u32]) -> Result<Vec<Attached>> {
        let goes = |number: u32| removed.contains(&number);
        let mut attached = Vec::new();
        for hit in self.store.hits_of_list(&row.id)? {
            if goes(hit.traveller) {
                attached.push(Attached::HitGone { id: hit.id });
                continue;
            }
            for d in self.store.decisions(&hit.id)? {
                let sealed_as = format!("{}/{}", hit.id, d.ordinal);
                let sealed = self.anew(("reason", &sealed_as), &d.reason, false)?;
                let hit = hit.id.clone();
                attached.push(Attached::Reason { hit, ordinal: d.ordinal, sealed });
            }
            let sealed = self.anew(("hit", &hit.id), &hit.sealed, false)?;
            attached.push(Attached::Hit { id: hit.id, sealed });
        }
        let sql = "SELECT id, traveller, at, reason FROM openings WHERE list = ?1 ORDER BY id";
        let openings: Vec<(i64, Option<u32>, i64, Vec<u8>)> = self.store.read(|db| {
            let read = |r: &crate::db::Row<'_>| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?));
            db.rows(sql, values![row.id], read)
        })?;
        for (id, traveller, at, reason) in openings {
            let sealed_as = format!("{}/{}/{at}", row.id, traveller.unwrap_or_default());
            // Of a list as a whole it may say anybody's name.
            let about = traveller.map_or(!removed.is_empty(), goes);
            let sealed = self.anew(("opening", &sealed_as), &reason, about)?;
            attached.push(Attached::Opening { id, sealed });
        }
        let sql = "SELECT id, sealed FROM received_hits WHERE list = ?1 ORDER BY id";
        let grounds: Vec<(String, Vec<u8>)> =
            self.store.read(|db| db.rows(sql, values![row.id], |r| Ok((r.get(0)?, r.get(1)?))))?;
        for (id, ground) in grounds {
            let sealed = self.anew(("ground", &id), &ground, !removed.is_empty())?;
            attached.push(Attached::ReceivedHit { id, sealed });
        }
        let sql = "SELECT partner, parcel, travellers, sealed FROM tellings WHERE list = ?1
                   ORDER BY partner, parcel";
        let tellings: Vec<(String, String, String, Vec<u8>)> = self.store.read(|db| {
            let read = |r: &crate::db::Row<'_>| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?));
            db.rows(sql, values![row.id], read)
        })?;
        for (partner, parcel, of, telling) in tellings {
            let about = of.split_whitespace().filter_map(|n| n.parse().ok()).any(goes);
            let sealed = self.anew(("telling", &parcel), &telling, about)?;
            attached.push(Attached::Telling { partner, parcel, sealed });
        }
        Ok(attached)
    }

    fn submission(&self, s: &Submission) -> Result<SubmissionAnew> {
        let names = self.names_somebody_who_goes(s)?;
        let anew = |purpose, sealed: &[u8]| self.anew((purpose, &s.id), sealed, names);
        Ok(SubmissionAnew {
            id: s.id.clone(),
            scopes: (self.from.to_owned(), self.to.to_owned()),
            day: self.day,
            sealed: [anew("original", &s.original)?, anew("answer", &s.answer)?],
            keep_until: s.keep_until,
        })
    }

    /// Whether anybody of the lists that it brought was removed. Where it brought a part of a
    /// list, nobody knows any more of which once they are joined: it counts as one that does.
    fn names_somebody_who_goes(&self, s: &Submission) -> Result<bool> {
        let sql =
            "SELECT COUNT(*) FROM removals r JOIN lists l ON l.id = r.list WHERE l.submission = ?1";
        let waits = "SELECT COUNT(*) FROM parts WHERE submission = ?1";
        let count = |sql| self.store.read(|db| db.number(sql, values![s.id]));
        let was_part = s.lists == 0 && s.status == 200 && count(waits)? == 0;
        Ok(was_part || count(sql)? > 0)
    }

    /// The same bytes under the new keys; nothing where they are about somebody who goes. What
    /// does not open is not carried over: it opened for nobody.
    fn anew(
        &self,
        sealed_as: (&'static str, &str),
        sealed: &[u8],
        about_who_goes: bool,
    ) -> Result<Vec<u8>> {
        if about_who_goes || sealed.is_empty() {
            return Ok(Vec::new());
        }
        match self.store.unseal((self.from, self.day), sealed_as, sealed) {
            Ok(plain) => self.store.seal((self.to, self.day), sealed_as, &plain, self.at),
            Err(StoreError::Sealed { .. }) => Ok(Vec::new()),
            Err(e) => Err(e),
        }
    }
}

fn size(change: &Change) -> usize {
    match change {
        Change::ListAnew(l) => l.sealed.iter().map(Vec::len).sum(),
        Change::SubmissionAnew(s) => s.sealed.iter().map(Vec::len).sum(),
        _ => 0,
    }
}
