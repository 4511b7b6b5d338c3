//! Damage on the disk is found out, and what a killed process left goes.
#![allow(clippy::unwrap_used)]

use screening::documents::Key;
use tempfile::TempDir;
use travel::Country;

use super::*;

fn csv(numbers: std::ops::Range<u32>) -> String {
    let line = |n: u32| format!("AB{:07},UTO,P,2026-03-01,lost\n", n * 13);
    let lines: String = numbers.map(line).collect();
    format!("number,issuing_state,type,reported,reason\n{lines}")
}

fn key(n: u32) -> Key {
    Key::of(&format!("AB{n:07}"), Country::new("UTO")).unwrap()
}

struct Kept {
    _dir: TempDir,
    path: PathBuf,
    digest: Digest,
}

impl Kept {
    fn of(documents: u32) -> Self {
        let dir = TempDir::new().unwrap();
        let made = make(csv(0..documents).as_bytes(), dir.path()).unwrap();
        let (path, digest) = (dir.path().join("list.documents"), made.digest);
        assert_eq!(made.sorted.entries, u64::from(documents));
        assert_eq!(made.source, Digest::of(csv(0..documents).as_bytes()));
        made.keep(&path).unwrap();
        let left = fs::read_dir(dir.path()).unwrap().count();
        assert_eq!(left, 1, "what it was made with is gone");
        Self { _dir: dir, path, digest }
    }

    fn damage(&self, at: u64) {
        let file = OpenOptions::new().read(true).write(true).open(&self.path).unwrap();
        let mut byte = [0];
        file.read_exact_at(&mut byte, at).unwrap();
        file.write_all_at(&[byte[0] ^ 4], at).unwrap();
    }
}

#[test]
fn a_list_is_found_again_as_it_was_made() {
    let kept = Kept::of(1_000);
    let set = open(&kept.path, kept.digest).unwrap();
    for n in 0..13_000 {
        assert_eq!(set.find(key(n)).unwrap().len(), usize::from(n % 13 == 0), "{n}");
    }
}

#[test]
fn a_bit_that_turned_is_an_error_and_never_an_answer() {
    let pages = fs::metadata(&Kept::of(1_000).path).unwrap().len() / (PAGE + ROW) as u64;
    let kept = Kept::of(1_000);
    for page in 0..pages {
        kept.damage(page * PAGE as u64 + 700);
    }
    let set = open(&kept.path, kept.digest).unwrap();
    assert!((0..1_000).all(|n| set.find(key(n * 13)).is_err()));
    for at in [pages * PAGE as u64 + 20, pages * (PAGE + ROW) as u64 + 3] {
        let kept = Kept::of(1_000);
        kept.damage(at);
        let refused = open(&kept.path, kept.digest).err().unwrap().to_string();
        assert!(refused.contains("load it again"), "{refused}");
    }
}

#[test]
fn a_file_that_is_cut_off_or_another_is_refused() {
    let kept = Kept::of(1_000);
    assert!(open(&kept.path, Digest::of(b"another")).is_err());
    let whole = fs::read(&kept.path).unwrap();
    for size in [0, 10, END as usize, whole.len() / 2, whole.len() - PAGE, whole.len() - 1] {
        fs::write(&kept.path, &whole[..size]).unwrap();
        assert!(open(&kept.path, kept.digest).is_err(), "{size}");
    }
    // A number of pages that no file has.
    let mut huge = whole.clone();
    let end = huge.len() - END as usize;
    huge[end + 24..end + 32].fill(0xff);
    fs::write(&kept.path, &huge).unwrap();
    assert!(open(&kept.path, kept.digest).is_err());
}

#[test]
fn what_a_killed_process_left_goes_with_the_next_list() {
    let dir = TempDir::new().unwrap();
    let left = dir.path().join(format!("{MADE_IN}4294967295"));
    fs::create_dir(&left).unwrap();
    fs::write(left.join("run-0"), b"numbers").unwrap();
    let refused = make(&b"no list"[..], dir.path());
    assert!(refused.is_err());
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}
