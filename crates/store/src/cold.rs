//! The lake's part of the state: which parts there are, what is in them, under which keys.
//!
//! ```text
//! identity key (scope, day) ─ HKDF ─┬─ "passerelle " ‖ "lake people " ‖ part
//!                                   └─ "passerelle " ‖ "lake marks " ‖ part
//! ```
//! Lists whose flight is some days past leave the [postings](crate::postings) for a part of
//! the lake: two sealed files of their day (crate `lake`). The row of a part is the truth about
//! it: files are put down before their row is written, and removed after it is gone, so that
//! a crash leaves at most files that no row names ([`Store::check_lake`]). A part is of one scope
//! and day and hangs on their identity key: what masks or erases the day takes the row in the
//! same transaction, and whatever copy of the files lies elsewhere opens no more.
//!
//! Parts are made of the lists and of nothing else, when they are first written, merged, or made
//! anew; a list that is taken back takes its day out of the lake, and it comes back without it.

use std::{
    collections::{BTreeMap, BTreeSet},
    panic::resume_unwind,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use audit::{Actor, Digest, Event, Logged};
use jiff::{SignedDuration, Timestamp, civil::Date};
use lake::{Crowd, FileKey, Kind, LakeError, Object, Place, Stands, Token};
use uuid::Uuid;

use crate::{
    Batch, Change, Store, StoreError,
    db::{Row, Sql, bad, values},
    keys::{LABEL, Part, key_name},
    postings::Sets,
};

type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Travellers in a part, at most: what is held in memory while it is written.
const MOST: u64 = 1_000_000;
/// Parts of a day that are left side by side, if they are small.
const SIDE_BY_SIDE: usize = 4;
/// How old a file that no row names has to be before it is removed: somebody may be writing
/// its part at the moment.
const ABANDONED: SignedDuration = SignedDuration::from_hours(1);

/// A part to be written down: its files are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPart {
    /// UUIDv7.
    pub id: String,
    /// Scope of the key.
    pub scope: String,
    /// Its day.
    pub day: Date,
    /// Its lists in their places, each with the length of what is sealed of it.
    pub lists: Vec<(String, u64)>,
    /// How many travellers.
    pub travellers: u64,
    /// How long its files are: people, marks.
    pub bytes: [u64; 2],
    /// Against which watchlists all of it was screened; empty when that differs.
    pub watchlists: String,
    /// Parts that it takes the place of.
    pub instead_of: Vec<String>,
    /// When it was made.
    pub at: Timestamp,
}

/// A part of the lake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LakePart {
    /// UUIDv7.
    pub id: String,
    /// Scope of the key.
    pub scope: String,
    /// Its day.
    pub day: Date,
    /// How many lists.
    pub lists: u64,
    /// How many travellers.
    pub travellers: u64,
    /// How long its files are: people, marks.
    pub bytes: [u64; 2],
    /// Against which watchlists it was screened; empty when that differs.
    pub watchlists: String,
}

/// How the lake stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LakeStatus {
    /// Where it is.
    pub place: String,
    /// Parts.
    pub parts: u64,
    /// Days that are in it, wholly or in part.
    pub days: u64,
    /// The first and the last of them.
    pub span: Option<(Date, Date)>,
    /// Lists.
    pub lists: u64,
    /// Travellers.
    pub travellers: u64,
    /// Bytes on the disk or the server.
    pub bytes: u64,
    /// Lists that are old enough and not in it yet.
    pub waiting: u64,
    /// Lists that wait to be looked through for new entries of watchlists.
    pub to_hunt: u64,
    /// Parts that are gone and whose files are still to be removed.
    pub to_sweep: u64,
}

/// What is wrong with the files of the lake.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LakeCheck {
    /// Files that a row names and that are not there, or have another length.
    pub missing: Vec<String>,
    /// Files that no row names.
    pub orphans: Vec<String>,
}

/// The name of a file: its month tells what an administrator may copy or move together.
fn file(day: Date, part: &str, kind: Kind) -> String {
    format!("{:04}-{:02}/{part}.{}", day.year(), day.month(), kind.name())
}

impl LakePart {
    fn file(&self, kind: Kind) -> (String, u64) {
        (file(self.day, &self.id, kind), self.bytes[kind as usize])
    }

    fn read(row: &Row<'_>) -> Result<Self> {
        let day: String = row.get(2)?;
        Ok(Self {
            id: row.get(0)?,
            scope: row.get(1)?,
            day: day.parse().map_err(|_| bad("day"))?,
            lists: row.get(3)?,
            travellers: row.get(4)?,
            bytes: [row.get(5)?, row.get(6)?],
            watchlists: row.get(7)?,
        })
    }
}

const COLUMNS: &str =
    "p.id, p.scope, p.day, p.lists, p.travellers, p.people_bytes, p.marks_bytes, p.watchlists";

/// The parts that can be read.
pub(crate) fn living(db: &dyn Sql) -> Result<Vec<LakePart>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM lake_parts p JOIN day_keys k ON k.scope = p.scope AND k.day = p.day
         WHERE k.identity IS NOT NULL ORDER BY p.day, p.scope, p.id"
    );
    db.rows(&sql, &[], LakePart::read)
}

impl From<LakeError> for StoreError {
    fn from(e: LakeError) -> Self {
        match e {
            LakeError::Place { .. } => Self::BusyOrFull(e.to_string()),
            LakeError::Address(text) => Self::Place(text),
            LakeError::Missing(_) | LakeError::Sealed { .. } | LakeError::Table { .. } => {
                Self::Lake(e)
            }
        }
    }
}

/// Lists of one day that are to be one part.
struct Chosen {
    scope: String,
    day: Date,
    lists: Vec<String>,
    instead_of: Vec<String>,
}

impl Store {
    /// Has the lake in another place than in the store's directory.
    pub fn set_lake(&self, place: Arc<dyn Place>) {
        *self.lake.write() = place;
    }

    fn lake(&self) -> Arc<dyn Place> {
        self.lake.read().clone()
    }

    fn file_key(&self, day: &(&str, Date), kind: Kind, part: &str) -> Result<Option<FileKey>> {
        let key = match self.key(Part::Identity, *day) {
            Ok(Some(key)) => key,
            // Masked or erased: there is nothing to be read.
            Ok(None) | Err(StoreError::Sealed { what: "day key", .. }) => return Ok(None),
            Err(e) => return Err(e),
        };
        let key = key.derive(LABEL, &format!("lake {} {part}", kind.name()));
        Ok(Some(FileKey::new(key.bytes())))
    }

    /// The living parts, in the order of their days.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn lake_parts(&self) -> Result<Vec<LakePart>> {
        self.read(living)
    }

    /// Moves lists of one day into the lake, of flights up to that day, the oldest first; gives
    /// how many, 0 when none waits.
    ///
    /// # Errors
    /// The store or the lake takes nothing at the moment.
    pub fn move_to_lake(&self, until: Date, at: Timestamp) -> Result<u64> {
        for (scope, day) in self.days_to_move(until)? {
            let lists = "SELECT id, travellers FROM lists WHERE scope = ?1 AND day = ?2
                           AND screened_at IS NOT NULL
                           AND NOT EXISTS (SELECT 1 FROM lake_lists x WHERE x.list = lists.id)
                         ORDER BY id";
            let waiting: Vec<(String, u64)> = self.read(|db| {
                db.rows(lists, values![scope, day.to_string()], |r| Ok((r.get(0)?, r.get(1)?)))
            })?;
            let (mut lists, mut travellers) = (Vec::new(), 0);
            for (id, on_it) in waiting {
                travellers += on_it;
                if travellers > MOST && !lists.is_empty() {
                    break;
                }
                lists.push(id);
            }
            if lists.is_empty() {
                continue;
            }
            let chosen = Chosen { scope, day, lists, instead_of: Vec::new() };
            if let Some(moved) = self.write_part(chosen, at)? {
                return Ok(moved);
            }
        }
        Ok(0)
    }

    fn days_to_move(&self, until: Date) -> Result<Vec<(String, Date)>> {
        let sql = "SELECT k.scope, k.day FROM day_keys k WHERE k.identity IS NOT NULL AND k.day <= ?1
             AND (SELECT COUNT(*) FROM lists l WHERE l.scope = k.scope AND l.day = k.day) >
               (SELECT COALESCE(SUM(p.lists), 0) FROM lake_parts p WHERE p.scope = k.scope AND p.day = k.day)
             ORDER BY k.day, k.scope";
        self.read(|db| {
            db.rows(sql, values![until.to_string()], |r| {
                let day: String = r.get(1)?;
                Ok((r.get(0)?, day.parse().map_err(|_| bad("day"))?))
            })
        })
    }

    /// Makes one part of the small ones of a day where there are many; gives how many went
    /// into it, 0 when there are few everywhere.
    ///
    /// # Errors
    /// The store or the lake takes nothing at the moment.
    pub fn compact_lake(&self, at: Timestamp) -> Result<u64> {
        self.compact(SIDE_BY_SIDE, at)
    }

    /// The same, and leaves no two small parts side by side.
    ///
    /// # Errors
    /// As [`compact_lake`](Self::compact_lake).
    pub fn compact_lake_fully(&self, at: Timestamp) -> Result<u64> {
        self.compact(1, at)
    }

    fn compact(&self, side_by_side: usize, at: Timestamp) -> Result<u64> {
        let mut days: BTreeMap<(String, Date), Vec<LakePart>> = BTreeMap::new();
        for part in self.lake_parts()? {
            days.entry((part.scope.clone(), part.day)).or_default().push(part);
        }
        for ((scope, day), mut parts) in days {
            parts.sort_by(|a, b| (a.travellers, &a.id).cmp(&(b.travellers, &b.id)));
            let mut all = 0;
            let small = parts.iter().take_while(|p| {
                all += p.travellers;
                all <= MOST
            });
            let instead_of: Vec<String> = small.map(|p| p.id.clone()).collect();
            if instead_of.len() <= side_by_side {
                continue;
            }
            let lists = "SELECT list FROM lake_lists WHERE part = ?1 ORDER BY place";
            let of = |part: &String| self.read(|db| db.rows(lists, values![part], |r| r.get(0)));
            let lists: Vec<Vec<String>> = instead_of.iter().map(of).collect::<Result<_>>()?;
            let merged = instead_of.len() as u64;
            let chosen = Chosen { scope, day, lists: lists.concat(), instead_of };
            if self.write_part(chosen, at)?.is_some() {
                return Ok(merged);
            }
        }
        Ok(0)
    }

    /// Writes a part of these lists; gives how many they are, nothing when the day was masked
    /// or somebody was faster.
    fn write_part(&self, chosen: Chosen, at: Timestamp) -> Result<Option<u64>> {
        let (mut part, mut lists) = (lake::Part::default(), Vec::new());
        let mut watchlists = BTreeSet::new();
        for id in &chosen.lists {
            let Some(row) = self.list(id)? else { continue };
            watchlists.insert(row.watchlists.clone().unwrap_or_default());
            let place = lists.len() as u32;
            lists.push((id.clone(), row.sealed.len() as u64));
            match self.open_list(&row) {
                Ok(list) => {
                    for (number, traveller) in (0..).zip(list.travellers()) {
                        part.add((place, number), traveller, &screening::marks(&list, traveller));
                    }
                }
                // Taken back, or of a day that has just been masked: nobody is on it.
                Err(StoreError::Sealed { .. }) => {}
                Err(e) => return Err(e),
            }
        }
        // What was screened against several has to be looked through for all of them.
        let one = if watchlists.len() == 1 { watchlists.pop_first() } else { None };
        let travellers = part.len() as u64;
        let new = NewPart {
            id: Uuid::now_v7().to_string(),
            scope: chosen.scope,
            day: chosen.day,
            lists,
            travellers,
            bytes: [0; 2],
            watchlists: one.unwrap_or_default(),
            instead_of: chosen.instead_of,
            at,
        };
        self.keep_part(new, part)
    }

    /// Seals a part, puts its files down and then its row.
    ///
    /// # Errors
    /// The store or the lake takes nothing at the moment.
    pub fn keep_part(&self, mut new: NewPart, part: lake::Part) -> Result<Option<u64>> {
        let day = (new.scope.as_str(), new.day);
        let key = |kind| self.file_key(&day, kind, &new.id);
        let (Some(people), Some(marks)) = (key(Kind::People)?, key(Kind::Marks)?) else {
            return Ok(None);
        };
        let names = Kind::ALL.map(|kind| file(new.day, &new.id, kind));
        let (first, second) = part.seal((&names[0], &people), (&names[1], &marks))?;
        new.bytes = [first.len() as u64, second.len() as u64];
        let place = self.lake();
        place.put(&names[0], &first)?;
        place.put(&names[1], &second)?;
        let moved = new.lists.len() as u64;
        match self.commit(Batch::new(vec![Change::Laked(new)], Vec::new())) {
            Ok(_) => {
                self.sweep_lake()?;
                Ok(Some(moved))
            }
            // Somebody was faster, or the day was masked meanwhile. After any other failure
            // it may have been done all the same, and the files stay.
            Err(StoreError::Conflict(_) | StoreError::Constraint(_)) => {
                names.iter().try_for_each(|name| place.remove(name))?;
                Ok(None)
            }
            Err(e) => Err(e),
        }
    }

    /// Forgets the lake; its lists are projected and moved again as if they had just come.
    ///
    /// # Errors
    /// The store or the lake takes nothing at the moment.
    pub fn forget_lake(&self) -> Result<()> {
        self.commit(Batch::new(vec![Change::Unlaked {}], Vec::new()))?;
        self.sweep_lake().map(drop)
    }

    /// Removes the files of parts that are gone; gives of how many parts.
    ///
    /// # Errors
    /// The lake takes nothing at the moment; it is tried again next time.
    pub fn sweep_lake(&self) -> Result<u64> {
        let sql = "SELECT part, day FROM lake_gone ORDER BY part";
        let gone: Vec<(String, String)> =
            self.read(|db| db.rows(sql, &[], |r| Ok((r.get(0)?, r.get(1)?))))?;
        let place = self.lake();
        for (part, day) in &gone {
            let day = day.parse().map_err(|_| bad("day"))?;
            for kind in Kind::ALL {
                place.remove(&file(day, part, kind))?;
            }
            let swept = Change::Swept { part: part.clone() };
            self.commit(Batch::new(vec![swept], Vec::new()))?;
        }
        Ok(gone.len() as u64)
    }

    /// Holds the files against the rows.
    ///
    /// # Errors
    /// The store or the lake cannot be read.
    pub fn check_lake(&self) -> Result<LakeCheck> {
        // Files first: what is written meanwhile has its row afterwards.
        let files = self.lake().list()?;
        self.read(|db| against_rows(db, &files)).map(|(check, _)| check)
    }

    /// Removes files that no row names and that nobody can be writing; gives how many.
    ///
    /// # Errors
    /// The store or the lake takes nothing at the moment.
    pub fn remove_orphans(&self, now: Timestamp) -> Result<u64> {
        let place = self.lake();
        let files = place.list()?;
        let (_, orphans) = self.read(|db| against_rows(db, &files))?;
        let old =
            orphans.iter().filter(|o| o.written < now.saturating_sub(ABANDONED).unwrap_or(now));
        let mut removed = 0;
        for orphan in old {
            place.remove(&orphan.name)?;
            removed += 1;
        }
        Ok(removed)
    }

    /// Reads both files of a part from beginning to end; every byte has to open.
    ///
    /// # Errors
    /// A file is not there, or does not open ([`StoreError::Lake`]).
    pub fn verify_part(&self, part: &LakePart) -> Result<()> {
        let place = self.lake();
        for kind in Kind::ALL {
            let Some(key) = self.file_key(&(&part.scope, part.day), kind, &part.id)? else {
                return Ok(());
            };
            let (name, bytes) = part.file(kind);
            lake::verify(&*place, (&name, bytes), key)?;
        }
        Ok(())
    }

    /// How the lake stands, for lists of flights up to `until`.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn lake_status(&self, until: Date) -> Result<LakeStatus> {
        let parts = self.lake_parts()?;
        let now = self.watchlists_digest()?.to_string();
        let sum = |of: fn(&LakePart) -> u64| parts.iter().map(of).sum();
        let days: BTreeSet<Date> = parts.iter().map(|p| p.day).collect();
        let old =
            "SELECT COUNT(*) FROM lists l JOIN day_keys k ON k.scope = l.scope AND k.day = l.day
                   WHERE k.identity IS NOT NULL AND k.day <= ?1
                     AND NOT EXISTS (SELECT 1 FROM lake_lists x WHERE x.list = l.id)";
        Ok(LakeStatus {
            place: self.lake().describe(),
            parts: parts.len() as u64,
            days: days.len() as u64,
            span: days.first().copied().zip(days.last().copied()),
            lists: sum(|p| p.lists),
            travellers: sum(|p| p.travellers),
            bytes: sum(|p| p.bytes.iter().sum()),
            waiting: self.read(|db| db.number(old, values![until.to_string()]))?,
            to_hunt: parts.iter().filter(|p| p.watchlists != now).map(|p| p.lists).sum(),
            to_sweep: self.read(|db| db.number("SELECT COUNT(*) FROM lake_gone", &[]))?,
        })
    }

    /// Lists on which somebody looked for may be; nothing when a part is not there any more.
    pub(crate) fn search_lake(
        &self,
        parts: &[LakePart],
        each: &[Sets],
    ) -> Result<Option<BTreeSet<String>>> {
        let mut marks: Vec<&str> = each
            .iter()
            .flat_map(|sets| sets.iter().flat_map(|(marks, _)| marks.iter().map(String::as_str)))
            .collect();
        marks.sort_unstable();
        marks.dedup();
        let tokens: Vec<Token> = marks.iter().map(|mark| Token::of(mark)).collect();
        let place = self.lake();
        let found = at_once(place.at_once(), parts, |part| {
            let Some(key) = self.file_key(&(&part.scope, part.day), Kind::Marks, &part.id)? else {
                return Ok(Vec::new());
            };
            let (name, bytes) = part.file(Kind::Marks);
            let found = lake::marks(&*place, (&name, bytes), key)?.find(&tokens)?;
            let lists = enough(each, &marks, &found);
            self.lists_at(&part.id, lists.into_iter())
        });
        let mut lists = BTreeSet::new();
        for found in found {
            match found {
                Ok(found) => lists.extend(found),
                Err(StoreError::Lake(e)) if e.is_missing() && !self.has_part(parts)? => {
                    return Ok(None);
                }
                Err(e) => return Err(e),
            }
        }
        Ok(Some(lists))
    }

    /// Whether all of these parts are still there.
    fn has_part(&self, parts: &[LakePart]) -> Result<bool> {
        let now: BTreeSet<String> = self.lake_parts()?.into_iter().map(|p| p.id).collect();
        Ok(parts.iter().all(|p| now.contains(&p.id)))
    }

    /// The lists in these places of a part.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn lists_at(&self, part: &str, places: impl Iterator<Item = u32>) -> Result<Vec<String>> {
        let sql = "SELECT list FROM lake_lists WHERE part = ?1 AND place = ?2";
        let mut lists = Vec::new();
        for place in places {
            // A part that went away meanwhile has none: its lists are elsewhere.
            lists.extend(self.read(|db| db.row(sql, values![part, place], |r| r.get(0)))?);
        }
        Ok(lists)
    }

    /// Parts that were screened against other watchlists than those of this digest, the latest
    /// days first.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn parts_to_hunt(&self, watchlists: &str) -> Result<Vec<LakePart>> {
        let mut parts = self.lake_parts()?;
        parts.retain(|p| p.watchlists != watchlists);
        parts.reverse();
        Ok(parts)
    }

    /// Hands over the people of a part, some after the other. Nothing when it cannot be read
    /// any more.
    ///
    /// # Errors
    /// The lake cannot be read; what `see` gives.
    pub fn crowds<E: From<StoreError>>(
        &self,
        part: &LakePart,
        mut see: impl FnMut(Crowd) -> Result<(), E>,
    ) -> Result<Option<()>, E> {
        let key = self.file_key(&(&part.scope, part.day), Kind::People, &part.id)?;
        let Some(key) = key else { return Ok(None) };
        let place = self.lake();
        let (name, bytes) = part.file(Kind::People);
        let people = match lake::people(&*place, (&name, bytes), key) {
            Err(e) if e.is_missing() && !self.has_part(std::slice::from_ref(part))? => {
                return Ok(None);
            }
            other => other.map_err(StoreError::from)?,
        };
        for number in 0..people.groups() {
            see(people.group(number).map_err(StoreError::from)?)?;
        }
        Ok(Some(()))
    }

    /// Marks that a part was compared with these watchlists, and writes it into the log.
    ///
    /// # Errors
    /// Somebody was faster, or the part is gone ([`StoreError::Conflict`]); the disk refuses.
    pub fn hunted(
        &self,
        part: &LakePart,
        (watchlists, hits): (Digest, u64),
        at: Timestamp,
    ) -> Result<()> {
        let change = Change::Hunted {
            part: part.id.clone(),
            before: part.watchlists.clone(),
            watchlists: watchlists.to_string(),
        };
        let event = Event::Hunted {
            part: part.id.clone(),
            key: key_name(&part.scope, part.day),
            watchlists,
            lists: part.lists,
            hits,
        };
        self.commit(Batch::new(vec![change], vec![Logged::new(at, Actor::Node, event)])).map(drop)
    }
}

/// What is wrong with these files, and which of them no row names.
pub(crate) fn against_rows(db: &dyn Sql, files: &[Object]) -> Result<(LakeCheck, Vec<Object>)> {
    let sql = format!("SELECT {COLUMNS} FROM lake_parts p");
    let parts = db.rows(&sql, &[], LakePart::read)?;
    let gone = db.rows("SELECT part, day FROM lake_gone", &[], |r| {
        let (part, day): (String, String) = (r.get(0)?, r.get(1)?);
        Ok((part, day.parse::<Date>().map_err(|_| bad("day"))?))
    })?;
    let mut named: BTreeMap<String, u64> =
        parts.iter().flat_map(|p| Kind::ALL.map(|kind| p.file(kind))).collect();
    let swept: BTreeSet<String> =
        gone.iter().flat_map(|(p, d)| Kind::ALL.map(|kind| file(*d, p, kind))).collect();
    let mut orphans = Vec::new();
    for found in files {
        match named.get(&found.name) {
            Some(bytes) if *bytes == found.bytes => drop(named.remove(&found.name)),
            Some(_) => {}
            None if swept.contains(&found.name) => {}
            None => orphans.push(found.clone()),
        }
    }
    let missing = named.into_keys().collect();
    let names = orphans.iter().map(|o| o.name.clone()).collect();
    Ok((LakeCheck { missing, orphans: names }, orphans))
}

/// Does something for every part, as many at a time as the place allows; in their order.
fn at_once<T: Send>(
    threads: usize,
    parts: &[LakePart],
    work: impl Fn(&LakePart) -> Result<T> + Sync,
) -> Vec<Result<T>> {
    // Few parts are done before a second thread has begun.
    const WORTH_A_THREAD: usize = 8;
    let threads = threads.min(parts.len().div_ceil(WORTH_A_THREAD));
    if threads <= 1 {
        return parts.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut done = Vec::new();
        loop {
            let number = next.fetch_add(1, Relaxed);
            match parts.get(number) {
                Some(part) => done.push((number, work(part))),
                None => return done,
            }
        }
    };
    let mut done: Vec<(usize, Result<T>)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        let joined = workers.into_iter().map(|w| w.join().unwrap_or_else(|p| resume_unwind(p)));
        joined.flatten().collect()
    });
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Places of lists on which a traveller has enough marks of one set.
fn enough(each: &[Sets], marks: &[&str], found: &[Stands]) -> BTreeSet<u32> {
    let mut of: BTreeMap<(u32, u32), BTreeSet<&str>> = BTreeMap::new();
    for (mark, place) in found {
        of.entry(*place).or_default().insert(marks[*mark]);
    }
    let has = |own: &BTreeSet<&str>| {
        each.iter().flatten().any(|(marks, enough)| {
            marks.iter().filter(|m| own.contains(m.as_str())).count() >= *enough
        })
    };
    of.iter().filter(|(_, own)| has(own)).map(|((list, _), _)| *list).collect()
}
