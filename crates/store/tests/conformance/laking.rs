//! Lists of days past lie in the lake: found there, dark with their day, made anew from the
//! lists.

use std::{
    ops::Range,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering::SeqCst},
    },
};

use jiff::SignedDuration;
use lake::{Disk, LakeError, Object, Place as Lake};
use screening::Sought;
use store::{CARRIERS, Change, LakeCheck, Store, StoreError};

use super::{searching::*, world::*};

/// A store with a lake of its own.
fn with_lake(place: &impl Place) -> (Store, tempfile::TempDir) {
    let store = place.create().unwrap();
    let dir = tempfile::tempdir().unwrap();
    store.set_lake(Arc::new(Disk::new(dir.path())));
    (store, dir)
}

fn screened(store: &Store, number: u32) -> String {
    let id = keep(store, number);
    let watchlists = digest("no watchlists").to_string();
    done(store, vec![Change::Screened { list: id.clone(), watchlists, at: at(3) }]);
    id
}

fn move_all(store: &Store) -> u64 {
    let mut moved = 0;
    loop {
        match store.move_to_lake(day(), at(9)).unwrap() {
            0 => return moved,
            n => moved += n,
        }
    }
}

fn postings(store: &Store) -> u64 {
    store.read(|db| db.number("SELECT COUNT(*) FROM postings", &[])).unwrap()
}

/// Every file of the lake, with its bytes.
fn files(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let lake = Disk::new(dir);
    let all = lake.list().unwrap().into_iter();
    all.map(|o| (o.name.clone(), lake.read(&o.name, 0..o.bytes).unwrap())).collect()
}

fn shows_nobody(bytes: &[u8]) {
    for word in [SURNAME, "ANNA", DOCUMENT, "ABC123"] {
        let found = memchr::memmem::find(bytes, word.as_bytes());
        assert!(found.is_none(), "{word} stands in a file of the lake");
    }
}

pub fn lists_of_days_past_are_in_the_lake_and_found_there(place: &impl Place) {
    let (store, dir) = with_lake(place);
    let mut ids: Vec<String> = (0..3).map(|n| screened(&store, n)).collect();
    store.project().unwrap();
    let yesterday = day().yesterday().unwrap();
    assert_eq!(store.move_to_lake(yesterday, at(9)).unwrap(), 0, "it is too early");
    assert!(postings(&store) > 0);
    assert_eq!(move_all(&store), 3);
    assert_eq!((postings(&store), store.projected().unwrap().waiting), (0, 0));
    finds(&store, &ids);
    // What comes late is found among the postings, and then there.
    ids.push(screened(&store, 3));
    finds(&store, &ids);
    store.project().unwrap();
    finds(&store, &ids);
    assert_eq!(move_all(&store), 1);
    finds(&store, &ids);
    let status = store.lake_status(day()).unwrap();
    assert_eq!((status.parts, status.lists, status.travellers, status.waiting), (2, 4, 8, 0));
    assert_eq!(status.span, Some((day(), day())));
    let bytes: usize = files(dir.path()).iter().map(|(_, bytes)| bytes.len()).sum();
    assert_eq!(status.bytes, bytes as u64);
    assert_eq!(store.check_lake().unwrap(), LakeCheck::default());
    files(dir.path()).iter().for_each(|(_, bytes)| shows_nobody(bytes));
    // A list that nobody has screened yet is not moved.
    let early = keep(&store, 4);
    assert_eq!(move_all(&store), 0);
    assert_eq!(store.lake_status(day()).unwrap().waiting, 1, "{early}");
    drop(store);
    let again = place.open();
    again.set_lake(Arc::new(Disk::new(dir.path())));
    assert_eq!(again.lake_parts().unwrap().len(), 2);
}

pub fn a_day_that_is_masked_or_erased_is_dark_in_every_copy_of_the_lake<P: Place>(_: &P) {
    for erase in [false, true] {
        let Some(place) = P::fresh() else { return };
        let (store, dir) = with_lake(&place);
        let ids = [screened(&store, 0), screened(&store, 1)];
        move_all(&store);
        finds(&store, &ids);
        let (parts, copy) = (store.lake_parts().unwrap(), files(dir.path()));
        assert_eq!((parts.len(), copy.len()), (1, 2));
        if erase {
            store.erase_day(CARRIERS, day(), (&[], at(5))).unwrap();
        } else {
            store.mask_day((CARRIERS, day()), None, at(5)).unwrap();
        }
        finds(&store, &[]);
        assert_eq!(store.lake_parts().unwrap(), []);
        assert_eq!(store.sweep_lake().unwrap(), 1);
        assert_eq!(files(dir.path()), [], "its files are gone");
        // Somebody has kept a copy: no key opens it, and nothing stands in it.
        let lake = Disk::new(dir.path());
        for (name, bytes) in &copy {
            lake.put(name, bytes).unwrap();
            shows_nobody(bytes);
        }
        let nobody = store.crowds(&parts[0], |_| -> Result<(), StoreError> {
            panic!("the people of a day that is gone were opened")
        });
        assert_eq!(nobody.unwrap(), None);
        finds(&store, &[]);
        assert_eq!(store.check_lake().unwrap().orphans.len(), 2);
        assert_eq!(move_all(&store), 0, "it does not come back");
    }
}

pub fn a_list_that_is_taken_back_leaves_the_lake(place: &impl Place) {
    let (store, dir) = with_lake(place);
    let ids: Vec<String> = (0..3).map(|n| screened(&store, n)).collect();
    move_all(&store);
    let before = files(dir.path());
    done(&store, vec![Change::TakeBack { list: ids[1].clone(), at: at(5) }]);
    let left = [ids[0].clone(), ids[2].clone()];
    finds(&store, &left);
    store.sweep_lake().unwrap();
    assert_eq!(files(dir.path()), []);
    while store.project().unwrap() > 0 {}
    finds(&store, &left);
    move_all(&store);
    finds(&store, &left);
    let status = store.lake_status(day()).unwrap();
    assert_eq!((status.travellers, status.waiting), (4, 0));
    let after = files(dir.path());
    assert!(before.iter().all(|old| !after.contains(old)), "written anew, without it");
}

pub fn files_that_no_row_names_are_found_and_removed(place: &impl Place) {
    let (store, dir) = with_lake(place);
    let ids = [screened(&store, 0)];
    move_all(&store);
    // As a crash between the files and the row of a part leaves them.
    let lake = Disk::new(dir.path());
    lake.put("2026-09/0198.people", b"x").unwrap();
    lake.put("2026-09/0198.marks.tmp", b"x").unwrap();
    let found = store.check_lake().unwrap();
    assert_eq!(found.orphans, ["2026-09/0198.marks.tmp", "2026-09/0198.people"]);
    assert_eq!(found.missing, [""; 0]);
    let now = lake.list().unwrap()[0].written;
    assert_eq!(store.remove_orphans(now).unwrap(), 0, "somebody may be writing them");
    let later = now + SignedDuration::from_hours(2);
    assert_eq!(store.remove_orphans(later).unwrap(), 2);
    assert_eq!(store.check_lake().unwrap(), LakeCheck::default());
    finds(&store, &ids);
}

pub fn a_file_that_is_lost_or_changed_is_told_and_the_lake_made_anew(place: &impl Place) {
    let (store, dir) = with_lake(place);
    let ids = [screened(&store, 0), screened(&store, 1)];
    move_all(&store);
    let part = store.lake_parts().unwrap().remove(0);
    store.verify_part(&part).unwrap();
    let lake = Disk::new(dir.path());
    let (marks, bytes) = files(dir.path()).into_iter().find(|(n, _)| n.ends_with("marks")).unwrap();
    let mut changed = bytes.clone();
    changed[bytes.len() / 2] ^= 1;
    lake.put(&marks, &changed).unwrap();
    let text = store.verify_part(&part).unwrap_err().to_string();
    assert!(text.contains("does not open") && text.contains("lake rebuild"), "{text}");
    assert!(matches!(store.search(&Sought::Document(DOCUMENT.into())), Err(StoreError::Lake(_))));
    lake.remove(&marks).unwrap();
    assert_eq!(store.check_lake().unwrap().missing, [marks]);
    let lost = store.search(&Sought::Document(DOCUMENT.into()));
    assert!(matches!(lost, Err(StoreError::Lake(_))), "nobody is passed over in silence");
    store.forget_lake().unwrap();
    assert_eq!(files(dir.path()), []);
    finds(&store, &ids);
    assert_eq!(move_all(&store), 2);
    finds(&store, &ids);
    assert_eq!(store.check_lake().unwrap(), LakeCheck::default());
}

pub fn small_parts_of_a_day_become_one(place: &impl Place) {
    let (store, dir) = with_lake(place);
    let mut ids = Vec::new();
    for number in 0..6 {
        ids.push(screened(&store, number));
        move_all(&store);
    }
    assert_eq!(store.lake_parts().unwrap().len(), 6);
    assert_eq!(store.compact_lake(at(9)).unwrap(), 6);
    assert_eq!(store.compact_lake(at(9)).unwrap(), 0);
    finds(&store, &ids);
    assert_eq!(files(dir.path()).len(), 2, "the files of the others are gone");
    ids.push(screened(&store, 6));
    move_all(&store);
    assert_eq!(store.compact_lake(at(9)).unwrap(), 0, "two are few");
    assert_eq!(store.compact_lake_fully(at(9)).unwrap(), 2);
    finds(&store, &ids);
    let status = store.lake_status(day()).unwrap();
    assert_eq!((status.parts, status.lists, status.to_sweep), (1, 7, 0));
}

pub fn a_part_is_looked_through_once_for_new_watchlists(place: &impl Place) {
    let (store, _dir) = with_lake(place);
    let ids = [screened(&store, 0), screened(&store, 1)];
    move_all(&store);
    let (old, new) = (digest("no watchlists"), digest("a new list"));
    assert_eq!(store.parts_to_hunt(&old.to_string()).unwrap(), []);
    let waiting = store.parts_to_hunt(&new.to_string()).unwrap();
    assert_eq!((waiting.len(), waiting[0].lists), (1, 2));
    assert_eq!(store.left_to_rescreen(&new.to_string()).unwrap(), 2);
    assert_eq!(store.to_rescreen(&new.to_string(), 9).unwrap(), [""; 0], "not one by one");
    let (mut names, mut places) = (Vec::new(), Vec::new());
    let read = store.crowds(&waiting[0], |crowd| {
        names.extend((0..crowd.len()).map(|row| crowd.name(row).0.to_owned()));
        places.extend(crowd.places()?);
        Ok::<(), StoreError>(())
    });
    assert_eq!(read.unwrap(), Some(()));
    assert_eq!(names, [SURNAME, SURNAME, "OTHER0", "OTHER1"]);
    let of = |place: u32| store.lists_at(&waiting[0].id, [place].into_iter()).unwrap();
    assert_eq!([of(0), of(1)].concat(), ids);
    assert_eq!(places, [(0, 1), (1, 1), (0, 0), (1, 0)]);
    store.hunted(&waiting[0], (new, 0), at(9)).unwrap();
    let twice = store.hunted(&waiting[0], (new, 0), at(9));
    assert!(matches!(twice, Err(StoreError::Conflict(_))));
    assert_eq!(store.left_to_rescreen(&new.to_string()).unwrap(), 0);
    log_is_whole(&store);
}

pub fn a_backup_holds_nothing_of_the_lake(place: &impl Place) {
    let (store, _dir) = with_lake(place);
    screened(&store, 0);
    move_all(&store);
    let dir = tempfile::tempdir().unwrap();
    let copy = dir.path().join("copy.db");
    store.backup(&copy, |_| {}, at(9)).unwrap();
    let copy = rusqlite::Connection::open(copy).unwrap();
    let sql = "SELECT (SELECT COUNT(*) FROM lake_parts) + (SELECT COUNT(*) FROM lake_lists)
               + (SELECT COUNT(*) FROM lists WHERE projected = 1)";
    let copied: i64 = copy.query_row(sql, [], |r| r.get(0)).unwrap();
    assert_eq!(copied, 0, "what it has can be made again");
}

/// A disk that fails at one of its writes: it is not done, or done and nobody hears of it.
struct Failing {
    inner: Disk,
    left: AtomicI64,
    done: bool,
}

impl Failing {
    fn through(&self, work: impl FnOnce() -> Result<(), LakeError>) -> Result<(), LakeError> {
        if self.left.fetch_sub(1, SeqCst) != 0 {
            return work();
        }
        if self.done {
            work()?;
        }
        Err(LakeError::Place { place: "a disk".into(), why: "a fault that was planned".into() })
    }
}

impl Lake for Failing {
    fn describe(&self) -> String {
        self.inner.describe()
    }
    fn at_once(&self) -> usize {
        self.inner.at_once()
    }
    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), LakeError> {
        self.through(|| self.inner.put(name, bytes))
    }
    fn read(&self, name: &str, range: Range<u64>) -> Result<Vec<u8>, LakeError> {
        self.inner.read(name, range)
    }
    fn remove(&self, name: &str) -> Result<(), LakeError> {
        self.through(|| self.inner.remove(name))
    }
    fn list(&self) -> Result<Vec<Object>, LakeError> {
        self.inner.list()
    }
}

/// Moves what waits, makes one part of two, forgets the lake and makes it anew.
fn every_write(store: &Store) -> Result<(), StoreError> {
    while store.move_to_lake(day(), at(9))? > 0 {}
    store.compact_lake_fully(at(9))?;
    store.forget_lake()?;
    while store.move_to_lake(day(), at(9))? > 0 {}
    Ok(())
}

pub fn a_lake_that_fails_at_any_write_loses_and_doubles_nobody(place: &impl Place) {
    let (store, dir) = with_lake(place);
    let disk = || Disk::new(dir.path());
    let mut ids = vec![screened(&store, 0)];
    move_all(&store);
    let mut failed = 0;
    for done in [false, true] {
        for point in 0.. {
            // A part of its own beside the one of all others.
            ids.push(screened(&store, ids.len() as u32));
            let left = AtomicI64::new(point);
            store.set_lake(Arc::new(Failing { inner: disk(), left, done }));
            let outcome = every_write(&store);
            store.set_lake(Arc::new(disk()));
            finds(&store, &ids);
            let check = store.check_lake().unwrap();
            assert_eq!(check.missing, [""; 0], "write {point} failed, done: {done}");
            match outcome {
                Ok(()) => break,
                Err(e) => assert!(matches!(e, StoreError::BusyOrFull(_)), "{e}"),
            }
            failed += 1;
            let of = |name: &String| name.rsplit(['/', '.']).nth(1).unwrap_or_default().to_owned();
            let parts = store.lake_parts().unwrap();
            let orphans: Vec<String> = check.orphans.iter().map(of).collect();
            assert!(parts.iter().all(|part| !orphans.contains(&part.id)), "no part is half there");
            // The next start, when what is left is old enough.
            let later = at(9) + SignedDuration::from_hours(24 * 3650);
            assert_eq!(store.remove_orphans(later).unwrap(), orphans.len() as u64);
            store.sweep_lake().unwrap();
            move_all(&store);
            while store.compact_lake_fully(at(9)).unwrap() > 0 {}
            finds(&store, &ids);
            let status = store.lake_status(day()).unwrap();
            let all = ids.len() as u64;
            assert_eq!((status.parts, status.lists, status.travellers), (1, all, 2 * all));
            assert_eq!((status.waiting, status.to_sweep), (0, 0));
            assert_eq!(files(dir.path()).len(), 2);
            assert_eq!(store.check_lake().unwrap(), LakeCheck::default());
        }
    }
    assert_eq!(failed, 2 * (2 + 2 + 4 + 2 + 2), "every write has failed, in both ways");
    log_is_whole(&store);
}
