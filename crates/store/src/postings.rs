//! Projections: where the marks of travellers stand, so that somebody is found among a
//! hundred million without opening a list.
//!
//! ```text
//! search key (scope, day) = HKDF(identity key of the day, "passerelle " ‖ "search")
//! token   = the first 63 bits of HMAC-SHA-256(search key, mark)
//! posting = token (8 bytes) ‖ number of the list in its segment (2) ‖ traveller (4)
//! ```
//! A *segment* holds the postings of some lists of one scope and day, sorted, in blocks; the
//! name of a block is its first token, so that one look into an index finds the one block in
//! which a token can stand. Small segments are merged into larger ones; that needs no key.
//!
//! A token says nothing without the day's identity key, and differs from day to day. When
//! the key is masked or destroyed, the postings of that day are of no use to anybody,
//! wherever a copy of them lies; they are deleted in the same transaction. Everything here
//! can be deleted and is made again from the lists ([`Store::project`]).

use std::collections::BTreeMap;

use audit::Pseudonym;
use aws_lc_rs::hmac;
use jiff::civil::Date;
use screening::Sought;
use uuid::Uuid;

use crate::{
    Batch, Change, Store, StoreError, cold,
    db::{Sql, bad, values},
    keys::{LABEL, Part},
    rows::List,
};

type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Lists in one new segment.
const TOGETHER: u32 = 64;
/// Segments of a day that are left side by side.
const SEGMENTS: usize = 12;
/// The largest segment that is made of smaller ones, in bytes.
const LARGEST: usize = 32 << 20;
/// Bytes in a block, about.
const BLOCK: usize = 8 << 10;
/// Bytes of a posting.
const POSTING: usize = 14;
/// Lists that are not projected yet and are opened for one search.
const OPENED: u32 = 500;

/// A segment to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Scope of the key.
    pub scope: String,
    /// Its day.
    pub day: Date,
    /// UUIDv7.
    pub id: String,
    /// Ids of its lists; a posting names them by their place.
    pub lists: Vec<String>,
    /// First token and postings of every block.
    pub blocks: Vec<(i64, Vec<u8>)>,
    /// Segments that it takes the place of.
    pub merged: Vec<String>,
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Lists and the numbers of travellers on them, in the order of the lists' ids.
    pub travellers: Vec<(String, u32)>,
    /// Lists that are kept and were not looked at, because too many wait to be projected.
    pub not_searched: u64,
}

/// How far the projections are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Projected {
    /// Lists that can be found by them.
    pub lists: u64,
    /// Lists that wait.
    pub waiting: u64,
    /// Segments.
    pub segments: u64,
    /// Their size in bytes.
    pub bytes: u64,
}

/// Sets of marks, each with how many of them a traveller must have.
pub(crate) type Sets = Vec<(Vec<String>, usize)>;

/// One posting.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Posting {
    token: i64,
    list: u16,
    traveller: u32,
}

impl Posting {
    fn write(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.token.to_be_bytes());
        out.extend_from_slice(&self.list.to_be_bytes());
        out.extend_from_slice(&self.traveller.to_be_bytes());
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (token, rest) = bytes.split_first_chunk::<8>()?;
        let (list, rest) = rest.split_first_chunk::<2>()?;
        let (traveller, _) = rest.split_first_chunk::<4>()?;
        Some(Self {
            token: i64::from_be_bytes(*token),
            list: u16::from_be_bytes(*list),
            traveller: u32::from_be_bytes(*traveller),
        })
    }
}

fn postings(bytes: &[u8]) -> impl Iterator<Item = Posting> + '_ {
    bytes.chunks_exact(POSTING).filter_map(Posting::read)
}

/// Cuts sorted postings into blocks. Equal tokens stay together.
fn blocks(postings: &[Posting]) -> Vec<(i64, Vec<u8>)> {
    let mut blocks: Vec<(i64, Vec<u8>)> = Vec::new();
    let mut last = None;
    for posting in postings {
        let fits = blocks.last().is_some_and(|(_, b)| b.len() < BLOCK);
        if !fits && last != Some(posting.token) {
            blocks.push((posting.token, Vec::with_capacity(BLOCK + POSTING)));
        }
        if let Some((_, block)) = blocks.last_mut() {
            posting.write(block);
        }
        last = Some(posting.token);
    }
    blocks
}

/// Makes tokens of marks.
struct Tokens(hmac::Key);

impl Tokens {
    fn of(&self, mark: &str) -> i64 {
        let tag = hmac::sign(&self.0, mark.as_bytes());
        let first = tag.as_ref().first_chunk::<8>().copied().unwrap_or_default();
        i64::from_be_bytes(first) & i64::MAX
    }
}

impl Store {
    /// The key of a day's tokens; nothing once it is masked or erased.
    fn tokens(&self, key: (&str, Date)) -> Result<Option<Tokens>> {
        match self.key(Part::Identity, key) {
            Ok(Some(key)) => {
                let key = key.derive(LABEL, "search");
                Ok(Some(Tokens(hmac::Key::new(hmac::HMAC_SHA256, key.bytes()))))
            }
            Ok(None) | Err(StoreError::Sealed { .. }) => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// What is looked for, as it stands in the log: a digest under a key that hangs on the
    /// node's, so that nobody can try names until one fits.
    pub fn pseudonym(&self, sought: &str) -> Pseudonym {
        Pseudonym::of(self.keys.node().derive(LABEL, "searches").bytes(), sought)
    }

    /// Projects lists that are not yet, the oldest first, of one day at a time; gives how
    /// many, 0 when none waits.
    ///
    /// # Errors
    /// The store takes nothing at the moment.
    pub fn project(&self) -> Result<usize> {
        let sql = "SELECT id FROM lists WHERE projected = 0 ORDER BY scope, day LIMIT ?1";
        let ids: Vec<String> = self.read(|db| db.rows(sql, values![TOGETHER], |r| r.get(0)))?;
        let mut days: BTreeMap<(String, Date), Vec<List>> = BTreeMap::new();
        for id in &ids {
            if let Some(row) = self.list(id)? {
                days.entry((row.scope.clone(), row.day)).or_default().push(row);
            }
        }
        for ((scope, day), lists) in days {
            let segment = self.segment((&scope, day), &lists)?;
            match self.commit(Batch::new(vec![Change::Projected(segment)], Vec::new())) {
                // Another node was faster, or the day was masked meanwhile: looked for anew.
                Ok(_) | Err(StoreError::Conflict(_)) => {}
                Err(e) => return Err(e),
            }
            self.merge((&scope, day))?;
        }
        Ok(ids.len())
    }

    /// A segment of these lists. Of what cannot be read any more there is no posting.
    fn segment(&self, (scope, day): (&str, Date), lists: &[List]) -> Result<Segment> {
        let mut all = Vec::new();
        if let Some(tokens) = self.tokens((scope, day))? {
            for (place, row) in lists.iter().enumerate() {
                let list = match self.open_list(row) {
                    Ok(list) => list,
                    Err(StoreError::Sealed { .. }) => continue,
                    Err(e) => return Err(e),
                };
                for (number, traveller) in list.travellers().iter().enumerate() {
                    let marks = screening::marks(&list, traveller);
                    all.extend(marks.iter().map(|mark| Posting {
                        token: tokens.of(mark),
                        list: place as u16,
                        traveller: number as u32,
                    }));
                }
            }
        }
        all.sort_unstable();
        Ok(Segment {
            scope: scope.to_owned(),
            day,
            id: Uuid::now_v7().to_string(),
            lists: lists.iter().map(|l| l.id.clone()).collect(),
            blocks: blocks(&all),
            merged: Vec::new(),
        })
    }

    /// Makes one segment of the smallest ones of a day, when there are too many.
    fn merge(&self, (scope, day): (&str, Date)) -> Result<()> {
        let mut segments = self.segments_of((scope, day))?;
        if segments.len() <= SEGMENTS {
            return Ok(());
        }
        let size = |id: &str| {
            let sql =
                "SELECT CAST(SUM(LENGTH(entries)) AS BIGINT) FROM postings WHERE segment = ?1";
            self.read(|db| db.number(sql, values![id]))
        };
        let mut sized = Vec::with_capacity(segments.len());
        for (id, lists) in segments.drain(..) {
            sized.push((size(&id)? as usize, id, lists));
        }
        sized.sort();
        let (mut total, mut taken, mut lists, mut all) = (0, Vec::new(), Vec::new(), Vec::new());
        for (bytes, id, of) in sized {
            let room = lists.len() + of.len() <= usize::from(u16::MAX);
            if total + bytes > LARGEST || !room {
                break;
            }
            total += bytes;
            let moved = lists.len() as u16;
            let sql = "SELECT entries FROM postings WHERE segment = ?1 ORDER BY first";
            let blocks: Vec<Vec<u8>> = self.read(|db| db.rows(sql, values![id], |r| r.get(0)))?;
            let at_home = |p: Posting| Posting { list: p.list.saturating_add(moved), ..p };
            all.extend(blocks.iter().flat_map(|b| postings(b)).map(at_home));
            lists.extend(of);
            taken.push(id);
        }
        if taken.len() < 2 {
            return Ok(());
        }
        all.sort_unstable();
        let id = Uuid::now_v7().to_string();
        let (scope, blocks) = (scope.to_owned(), blocks(&all));
        let segment = Segment { scope, day, id, lists, blocks, merged: taken };
        match self.commit(Batch::new(vec![Change::Projected(segment)], Vec::new())) {
            Ok(_) | Err(StoreError::Conflict(_)) => Ok(()),
            Err(e) => Err(e),
        }
    }

    /// Segments of a day with their lists.
    fn segments_of(&self, (scope, day): (&str, Date)) -> Result<Vec<(String, Vec<String>)>> {
        let sql = "SELECT id, lists FROM segments WHERE scope = ?1 AND day = ?2 ORDER BY id";
        self.read(|db| {
            db.rows(sql, values![scope, day.to_string()], |r| {
                let lists: String = r.get(1)?;
                Ok((r.get(0)?, lists.split(' ').map(str::to_owned).collect()))
            })
        })
    }

    /// Looks for somebody in everything that can be read: in the projections, and in the
    /// newest lists, which are not in them yet. Writing down who looks for what is the
    /// caller's, and comes first.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn search(&self, sought: &Sought) -> Result<Found> {
        let found = self.search_each(std::slice::from_ref(sought))?;
        Ok(found.into_iter().next().unwrap_or_default())
    }

    /// The same for several, in their order: every day and every new list is looked at once.
    ///
    /// # Errors
    /// As [`search`](Self::search).
    pub fn search_each(&self, sought: &[Sought]) -> Result<Vec<Found>> {
        const TRIES: usize = 4;
        let each: Vec<Sets> = sought.iter().map(Sought::marks).collect();
        if each.iter().all(Vec::is_empty) {
            return Ok(vec![Found::default(); each.len()]);
        }
        for _ in 0..TRIES {
            if let Some(found) = self.search_once(&each)? {
                return Ok(found);
            }
        }
        Err(StoreError::BusyOrFull("the lake changes faster than it can be looked through".into()))
    }

    /// Nothing when a part of the lake went away while this looked.
    fn search_once(&self, each: &[Sets]) -> Result<Option<Vec<Found>>> {
        let mut found = vec![Found::default(); each.len()];
        // At one moment: segments are merged, and lists go into them, while this looks.
        let (waiting, parts) = self.at_one_moment(|db| {
            self.search_segments(db, each, &mut found)?;
            let parts = cold::living(db)?;
            let waiting = "SELECT id FROM lists WHERE projected = 0 ORDER BY scope, day LIMIT ?1";
            let waiting: Vec<String> = db.rows(waiting, values![OPENED], |r| r.get(0))?;
            if waiting.len() == OPENED as usize {
                let all = db.number("SELECT COUNT(*) FROM lists WHERE projected = 0", &[])?;
                found.iter_mut().for_each(|f| f.not_searched = all - u64::from(OPENED));
            }
            Ok((waiting, parts))
        })?;
        let Some(lists) = self.search_lake(&parts, each)? else { return Ok(None) };
        self.search_opened(waiting.into_iter().chain(lists), each, &mut found)?;
        for one in &mut found {
            one.travellers.sort_unstable();
            one.travellers.dedup();
        }
        Ok(Some(found))
    }

    fn search_segments(&self, db: &dyn Sql, each: &[Sets], found: &mut [Found]) -> Result<()> {
        let living = "SELECT s.id, s.scope, s.day FROM segments s JOIN day_keys k
                      ON k.scope = s.scope AND k.day = s.day WHERE k.identity IS NOT NULL ORDER BY s.day, s.scope";
        let segments: Vec<(String, String, String)> =
            db.rows(living, &[], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?;
        let mut known: Option<(String, String, Option<Tokens>)> = None;
        for (id, scope, day) in segments {
            if known.as_ref().is_none_or(|(s, d, _)| *s != scope || *d != day) {
                let tokens = self.tokens((&scope, day.parse().map_err(|_| bad("day"))?))?;
                known = Some((scope, day, tokens));
            }
            if let Some((_, _, Some(tokens))) = &known {
                for (sets, found) in each.iter().zip(&mut *found) {
                    search_segment(db, &id, (sets, tokens), found)?;
                }
            }
        }
        Ok(())
    }

    /// Looks into lists that are not projected yet, and into those that the lake has found.
    fn search_opened(
        &self,
        ids: impl Iterator<Item = String>,
        each: &[Sets],
        found: &mut [Found],
    ) -> Result<()> {
        for id in ids {
            let Some(row) = self.list(&id)? else { continue };
            let list = match self.open_list(&row) {
                Ok(list) => list,
                Err(StoreError::Sealed { .. }) => continue,
                Err(e) => return Err(e),
            };
            for (number, traveller) in list.travellers().iter().enumerate() {
                let own = screening::marks(&list, traveller);
                let has = |(marks, enough): &(Vec<String>, usize)| {
                    marks.iter().filter(|m| own.contains(m)).count() >= *enough
                };
                for (sets, found) in each.iter().zip(&mut *found) {
                    if sets.iter().any(has) {
                        found.travellers.push((id.clone(), number as u32));
                    }
                }
            }
        }
        Ok(())
    }

    /// Forgets all projections; [`project`](Self::project) makes them again.
    ///
    /// # Errors
    /// The store takes nothing at the moment.
    pub fn forget_projections(&self) -> Result<()> {
        self.commit(Batch::new(vec![Change::Unprojected {}], Vec::new())).map(drop)
    }

    /// How many lists wait to be projected.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn unprojected(&self) -> Result<u64> {
        self.read(|db| db.number("SELECT COUNT(*) FROM lists WHERE projected = 0", &[]))
    }

    /// How far the projections are.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn projected(&self) -> Result<Projected> {
        let number = |sql: &str| self.read(|db| db.number(sql, &[]));
        let waiting = self.unprojected()?;
        Ok(Projected {
            lists: self.counts()?.lists - waiting,
            waiting,
            segments: number("SELECT COUNT(*) FROM segments")?,
            bytes: number("SELECT CAST(SUM(LENGTH(entries)) AS BIGINT) FROM postings")?,
        })
    }
}

fn search_segment(
    db: &dyn Sql,
    segment: &str,
    (sets, tokens): (&[(Vec<String>, usize)], &Tokens),
    found: &mut Found,
) -> Result<()> {
    let mut hit: Vec<(u16, u32)> = Vec::new();
    for (marks, enough) in sets {
        let places = places(db, segment, marks.iter().map(|m| tokens.of(m)))?;
        hit.extend(places.into_iter().filter(|(_, n)| n >= enough).map(|(place, _)| place));
    }
    if hit.is_empty() {
        return Ok(());
    }
    let sql = "SELECT lists FROM segments WHERE id = ?1";
    let lists: String = db.row(sql, values![segment], |r| r.get(0))?.unwrap_or_default();
    let lists: Vec<&str> = lists.split(' ').collect();
    for (list, traveller) in hit {
        let id = lists.get(usize::from(list)).ok_or_else(|| bad("lists"))?;
        found.travellers.push(((*id).to_owned(), traveller));
    }
    Ok(())
}

/// Where these tokens stand in a segment, and how many of them at each place.
fn places(
    db: &dyn Sql,
    segment: &str,
    tokens: impl Iterator<Item = i64>,
) -> Result<BTreeMap<(u16, u32), usize>> {
    let sql = "SELECT entries FROM postings WHERE segment = ?1 AND first <= ?2
               ORDER BY first DESC LIMIT 1";
    let mut places = BTreeMap::new();
    for token in tokens {
        let block: Option<Vec<u8>> = db.row(sql, values![segment, token], |r| r.get(0))?;
        for posting in postings(&block.unwrap_or_default()).filter(|p| p.token == token) {
            *places.entry((posting.list, posting.traveller)).or_default() += 1;
        }
    }
    Ok(places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_tokens_are_never_parted() {
        let of =
            |token: i64, n: u32| (0..n).map(move |traveller| Posting { token, list: 0, traveller });
        let all: Vec<Posting> = of(1, 400).chain(of(2, 900)).chain(of(3, 1)).collect();
        let blocks = blocks(&all);
        let firsts: Vec<i64> = blocks.iter().map(|(first, _)| *first).collect();
        assert_eq!(firsts, [1, 3]);
        let read: Vec<i64> =
            blocks.iter().flat_map(|(_, b)| postings(b)).map(|p| p.token).collect();
        assert_eq!(read, all.iter().map(|p| p.token).collect::<Vec<_>>());
    }
}
