//! Files too large to be held: read in stretches, shown as they are read. What is shown is
//! the same; the severity, which only the end tells, comes last.

use std::{
    fs::File,
    io::{self, IsTerminal, Read, Seek, SeekFrom, Write},
    path::Path,
};

use edifact::{Mode, Severity, Span};
use jiff::civil::Date;
use messages::{Finding, Reading, Stream};

use super::{
    SHOWN, counted, excerpt, exit_code_of, severity_name,
    shapes::{fault_shape, message_shape},
    told::{groups, write_findings},
    write_message,
};

/// What is larger is not held, in bytes.
const LARGE: u64 = 16 << 20;
/// How much is read at once, in bytes.
const CHUNK: usize = 256 << 10;
/// How often progress is told, in bytes.
const STEP: u64 = 64 << 20;

/// The file, if it is to be read in stretches: large, and an interchange that needs no
/// straightening. One whose lines are broken in the middle of segments is held whole.
pub(super) fn open(path: &Path) -> Option<File> {
    let mut file = File::open(path).ok()?;
    let about = file.metadata().ok()?;
    if !about.is_file() || about.len() <= LARGE {
        return None;
    }
    let mut head = Vec::new();
    (&file).take(CHUNK as u64).read_to_end(&mut head).ok()?;
    file.rewind().ok()?;
    if !Stream::can_read(&head) || is_wrapped(&mut file, &head).ok()? {
        return None;
    }
    file.rewind().ok()?;
    Some(file)
}

/// Whether a line is broken in the middle of a segment, anywhere.
fn is_wrapped(file: &mut File, head: &[u8]) -> io::Result<bool> {
    let Some(mut breaks) = edifact::Breaks::of(head) else { return Ok(false) };
    let mut chunk = vec![0; CHUNK];
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok(false),
            n if breaks.feed(&chunk[..n]) => return Ok(true),
            _ => {}
        }
    }
}

/// Reads and shows it; gives the exit code.
pub(super) fn check(
    out: &mut impl Write,
    path: &Path,
    mut file: File,
    mode: Mode,
    json: bool,
    today: Date,
) -> io::Result<u8> {
    let size = file.metadata()?.len();
    let mut head = Vec::new();
    File::open(path)?.take(LONGEST_SEGMENT as u64).read_to_end(&mut head)?;
    let again = File::open(path)?;
    let mut shown = Shown { out, file: again, head, json, messages: 0, findings: Vec::new() };
    shown.begin(path)?;
    let mut stream = Stream::new(mode, today);
    let mut chunk = vec![0; CHUNK];
    let (mut read, mut failed) = (0, Ok(()));
    loop {
        let n = file.read(&mut chunk)?;
        if n == 0 {
            break;
        }
        stream.feed(&chunk[..n], |reading| keep(&mut failed, shown.put(reading)));
        std::mem::replace(&mut failed, Ok(()))?;
        read += n as u64;
        if io::stderr().is_terminal() && read % STEP < n as u64 {
            eprint!("\r{} of {} MB read", read >> 20, size >> 20);
        }
    }
    if io::stderr().is_terminal() {
        eprint!("\r\x1b[K");
    }
    stream.end(|reading| keep(&mut failed, shown.put(reading)));
    failed?;
    shown.end()
}

/// The first failure is the one that counts.
fn keep(all: &mut io::Result<()>, new: io::Result<()>) {
    if all.is_ok() {
        *all = new;
    }
}

/// So much before a finding is looked at for the beginning of its segment.
const LONGEST_SEGMENT: usize = 8 << 10;

/// What was shown of a file.
struct Shown<'o, W> {
    out: &'o mut W,
    /// The file again, for what stands around a finding.
    file: File,
    /// How it begins: its separators are there.
    head: Vec<u8>,
    json: bool,
    messages: usize,
    findings: Vec<Finding>,
}

impl<W: Write> Shown<'_, W> {
    fn begin(&mut self, path: &Path) -> io::Result<()> {
        let name = path.display().to_string();
        if !self.json {
            return writeln!(self.out, "{name}:");
        }
        write!(self.out, "{{\"file\":")?;
        serde_json::to_writer(&mut *self.out, &name)?;
        write!(self.out, ",\"messages\":[")
    }

    fn put(&mut self, reading: Reading) -> io::Result<()> {
        for message in &reading.messages {
            if self.json {
                if self.messages > 0 {
                    write!(self.out, ",")?;
                }
                serde_json::to_writer(&mut *self.out, &message_shape(message))?;
            } else {
                write_message(self.out, message)?;
            }
            self.messages += 1;
        }
        if !self.json {
            for alike in groups(&reading.findings) {
                let around = self.around(alike[0].span)?;
                write_findings(self.out, &alike, around, |at| format!("byte {}", at + 1))?;
            }
        }
        self.findings.extend(reading.findings);
        Ok(())
    }

    /// The text around a span, and carets under it.
    fn around(&mut self, span: Span) -> io::Result<Option<(String, String)>> {
        // From before the segment on: whether it is one of words, its tag tells.
        let from = span.start.saturating_sub(LONGEST_SEGMENT);
        self.file.seek(SeekFrom::Start(from as u64))?;
        let mut bytes = Vec::new();
        (&self.file).take((LONGEST_SEGMENT + 3 * SHOWN) as u64).read_to_end(&mut bytes)?;
        let end = (span.end - from).min(bytes.len());
        let hidden = messages::hidden_behind(&self.head, &bytes);
        Ok(excerpt(&bytes, Span { start: span.start - from, end }, &hidden))
    }

    fn end(self) -> io::Result<u8> {
        let severity = self.findings.iter().map(|f| f.severity).max();
        if self.json {
            write!(self.out, "],\"faults\":[")?;
            for (i, finding) in self.findings.iter().enumerate() {
                if i > 0 {
                    write!(self.out, ",")?;
                }
                serde_json::to_writer(&mut *self.out, &fault_shape(finding))?;
            }
            writeln!(self.out, "],\"severity\":\"{}\"}}", severity_name(severity))?;
        } else {
            let count = |s: Severity| self.findings.iter().filter(|f| f.severity == s).count();
            writeln!(self.out, "  {}: {}\n", severity_name(severity), counted(count))?;
        }
        Ok(exit_code_of(severity, self.messages))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// What is shown of `bytes`, read in stretches.
    fn shown(bytes: &[u8], json: bool) -> (String, u8) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("large.edi");
        std::fs::write(&path, bytes).unwrap();
        let (mut out, today) = (Vec::new(), jiff::civil::date(2026, 3, 1));
        let file = File::open(&path).unwrap();
        let code = check(&mut out, &path, file, Mode::Tolerant, json, today).unwrap();
        (String::from_utf8(out).unwrap(), code)
    }

    fn sent(messages: usize) -> Vec<u8> {
        let mut all = b"UNB+UNOA:4+TK+GBR+260301:0900+1++APIS'".to_vec();
        for i in 0..messages {
            let message = format!(
                "UNH+{i}+PAXLST:D:05B:UN:IATA'BGM+745'TDT+20+TK1980+++TK'LOC+125+IST'\
                 DTM+189:2603011130:201'LOC+87+LHR'DTM+232:2603011330:201'NAD+FL+++KAYA:CAN'\
                 ATT+2++Q'DTM+329:880402'DOC+P+A1'CNT+42:1'UNT+13+{i}'"
            );
            all.extend_from_slice(message.as_bytes());
        }
        all.extend_from_slice(format!("UNZ+{messages}+2'").as_bytes());
        all
    }

    #[test]
    fn json_read_in_stretches_says_what_json_of_the_whole_says() {
        let bytes = sent(3_000);
        let (text, code) = shown(&bytes, true);
        let pieces: serde_json::Value = serde_json::from_str(&text).unwrap();
        let reading = messages::read(&bytes, Mode::Tolerant, jiff::civil::date(2026, 3, 1));
        let mut whole = Vec::new();
        crate::check::shapes::write_json(&mut whole, "-", &reading).unwrap();
        let whole: serde_json::Value = serde_json::from_slice(&whole).unwrap();
        for key in ["messages", "faults", "severity"] {
            assert!(pieces[key] == whole[key], "{key}");
        }
        assert_eq!((code, text.lines().count()), (1, 1));
    }

    #[test]
    fn people_see_the_text_around_each_finding() {
        let (text, _) = shown(&sent(3_000), false);
        let last = text.lines().rev().take(8).collect::<Vec<_>>();
        assert!(last.iter().any(|l| l.contains("| UNZ+3000+2")), "{last:?}");
        assert!(last.iter().any(|l| l.contains("warning:")), "{last:?}");
    }

    #[test]
    fn small_files_and_other_formats_are_read_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        let large = |head: &[u8]| {
            let mut file = File::create(&path).unwrap();
            file.write_all(head).unwrap();
            file.set_len(LARGE + 1).unwrap();
            open(&path).is_some()
        };
        assert!(large(&sent(1)));
        assert!(!large(b"<?xml version='1.0'?><IATA_PNRGOV_NotifRQ>"));
        assert!(!large(b"UNB+UNOA:4+TK+GBR+260301:0900+1'UNH+1+PAX\r\nLST:D:05B:UN'BGM+745'"));
        std::fs::write(&path, sent(1)).unwrap();
        assert!(open(&path).is_none());
        // A line that is broken behind all that is looked at first.
        let mut long = sent(1);
        let body = b"FTX+AAA+++LINE'\r\n".repeat(LARGE as usize / 16);
        let at = long.len() - 20;
        long.splice(at..at, body);
        std::fs::write(&path, &long).unwrap();
        assert!(open(&path).is_some());
        let at = long.len() - 60;
        long.splice(at..at, *b"\r\n");
        std::fs::write(&path, &long).unwrap();
        assert!(open(&path).is_none());
    }
}
