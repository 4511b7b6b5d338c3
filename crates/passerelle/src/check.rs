//! `passerelle check`: what messages hold, and every fault and finding in them, with no
//! node. For a carrier's developer who wants to know before sending, and for an
//! administrator who wants to know why a list was turned away.

mod large;
mod shapes;
mod told;

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use api::findings::SHOWN;
use edifact::{Mode, Severity};
use messages::cusres::Outcome;
use messages::{MessageType, Reading, Terms, Understood};
use travel::{Function, Kind};

use crate::clock;
use shapes::{unreadable, write_json};
use told::{Lines, groups, told, write_findings};

/// Wrong use, or input that cannot be read.
const UNREADABLE: u8 = 2;
/// Warnings or errors were found.
const FAULTS: u8 = 1;

/// Reads messages and shows what they hold, and every fault and finding in them.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit code: 0 clean, or notes only; 1 warnings or errors; 2 a file that cannot be read \
or is no message.

Examples:
  passerelle check list.edi                 what it holds, and each fault underlined
  passerelle check --json *.edi             a line of JSON for each file
  passerelle check --mode strict list.edi   every breach of the standard is an error
  passerelle check --for GBR list.edi       also what the guide of that state asks for
  passerelle check - < list.edi             from standard input

A file over 16 MB is read in stretches, and shown as it is read: its severity comes last."
)]
pub struct CheckArgs {
    /// How patient to be: `strict` makes an error of every breach of the standard,
    /// `cleaning` does not even mention telex lines and disclaimers
    #[arg(long, value_enum, default_value = "tolerant")]
    mode: ReadingMode,

    /// Read a PAXLST by the guide of this state (three letters), and say as well where it is
    /// not as that asks
    #[arg(long = "for", value_name = "STATE", value_parser = state)]
    dialect: Option<travel::Country>,

    /// Read dates such as 03/04/1988 in tables and JSON with the month, or the day, first
    /// where nothing else in the list tells
    #[arg(long, value_enum, value_name = "FIRST")]
    dates: Option<DateOrder>,

    /// Print one JSON object per file
    #[arg(long)]
    json: bool,

    /// Messages: PAXLST, PNRGOV (EDIFACT or XML), CUSRES, ACKRES, CONTRL, tables (CSV with a
    /// header), JSON; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// What stands first in a date.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum DateOrder {
    DayFirst,
    MonthFirst,
}

impl CheckArgs {
    fn month_first(&self) -> Option<bool> {
        self.dates.map(|order| matches!(order, DateOrder::MonthFirst))
    }
}

/// The three modes, as words on the command line.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum ReadingMode {
    Strict,
    Tolerant,
    Cleaning,
}

impl From<ReadingMode> for Mode {
    fn from(mode: ReadingMode) -> Self {
        match mode {
            ReadingMode::Strict => Mode::Strict,
            ReadingMode::Tolerant => Mode::Tolerant,
            ReadingMode::Cleaning => Mode::Cleaning,
        }
    }
}

/// Checks the files and says the worst that was found.
pub fn run(args: CheckArgs) -> ExitCode {
    let today = clock::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut worst = 0;
    for path in &args.files {
        if let Some(file) = large::open(path) {
            if args.dialect.is_some() {
                let path = path.display();
                eprintln!("passerelle: {path} is too large to be compared with a guide (--for)");
            }
            match large::check(&mut out, path, file, args.mode.into(), args.json, today) {
                Ok(code) => worst = worst.max(code),
                Err(error) => {
                    eprintln!("passerelle: {}: {error}", path.display());
                    return ExitCode::from(worst.max(UNREADABLE));
                }
            }
            continue;
        }
        let code = match contents(path) {
            Ok(bytes) => {
                let mode = args.mode.into();
                let asked =
                    args.dialect.and_then(|state| messages::dialect::compared(&bytes, mode, state));
                let (dialect, asked) = asked.unzip();
                let terms = Terms { dialect, month_first: args.month_first(), ..Terms::default() };
                let mut reading = messages::read_on(&bytes, mode, today, &terms);
                if let Some(asked) = asked {
                    reading.findings.extend(asked);
                    reading.findings.sort_by_key(|f| f.span.start);
                }
                let name = path.display().to_string();
                let written = if args.json {
                    write_json(&mut out, &name, &reading)
                } else {
                    write_human(&mut out, &name, &bytes, &reading)
                };
                if written.is_err() {
                    // The reader of our output has gone: nothing left to say.
                    return ExitCode::from(worst);
                }
                exit_code(&reading)
            }
            Err(error) => {
                eprintln!("passerelle: cannot read {}: {error}", path.display());
                if args.json && unreadable(&mut out, path).is_err() {
                    return ExitCode::from(UNREADABLE);
                }
                UNREADABLE
            }
        };
        worst = worst.max(code);
    }
    let _ = out.flush();
    ExitCode::from(worst)
}

/// A state whose dialect is known.
fn state(word: &str) -> Result<travel::Country, String> {
    let known = || messages::dialect::DIALECTS.iter().map(|d| d.state);
    let named = travel::Country::parse(word).filter(|state| known().any(|k| k == *state));
    named.ok_or_else(|| {
        let mut all: Vec<String> = known().map(|k| k.to_string()).collect();
        all.dedup();
        format!("no dialect is known of it; those of {} are", all.join(", "))
    })
}

fn contents(path: &Path) -> io::Result<Vec<u8>> {
    if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    std::fs::read(path)
}

fn exit_code(reading: &Reading) -> u8 {
    exit_code_of(reading.severity(), reading.messages.len())
}

fn exit_code_of(severity: Option<Severity>, messages: usize) -> u8 {
    match severity {
        // No message at all: nothing was checked.
        _ if messages == 0 => UNREADABLE,
        None | Some(Severity::Note) => 0,
        Some(Severity::Warning | Severity::Error) => FAULTS,
        Some(Severity::Fatal) => UNREADABLE,
    }
}

fn severity_name(severity: Option<Severity>) -> &'static str {
    severity.map_or("clean", Severity::name)
}

fn write_human(
    out: &mut impl Write,
    name: &str,
    bytes: &[u8],
    reading: &Reading,
) -> io::Result<()> {
    writeln!(out, "{name}: {}", severity_name(reading.severity()))?;
    for message in &reading.messages {
        write_message(out, message)?;
    }
    let lines = Lines::of(bytes);
    let hidden = match reading.findings.is_empty() {
        true => Vec::new(),
        false => messages::hidden(bytes, reading.format),
    };
    for alike in groups(&reading.findings) {
        let around = excerpt(bytes, alike[0].span, &hidden);
        write_findings(out, &alike, around, |at| lines.place(at))?;
    }
    let count = |s| told(&reading.findings).filter(|f| f.severity == s).count();
    writeln!(out, "  {}\n", counted(count))
}

/// How many findings of each severity there are.
fn counted(count: impl Fn(Severity) -> usize) -> String {
    let counts: Vec<String> = [Severity::Fatal, Severity::Error, Severity::Warning, Severity::Note]
        .into_iter()
        .filter(|s| count(*s) > 0)
        .map(|s| plural(count(s), s.name()))
        .collect();
    if counts.is_empty() { "nothing to mend".to_owned() } else { counts.join(", ") }
}

fn plural(n: usize, word: &str) -> String {
    if n == 1 { format!("1 {word}") } else { format!("{n} {word}s") }
}

fn times(n: usize) -> String {
    match n {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        n => format!("{n} times"),
    }
}

fn write_message(out: &mut impl Write, m: &Understood) -> io::Result<()> {
    write!(out, "  {} {}", m.kind.name(), m.release)?;
    if !m.function.is_empty() {
        write!(out, ", function {} ({})", m.function, function_words(m))?;
    }
    if m.parts > 1 {
        write!(out, ", {} parts", m.parts)?;
    }
    writeln!(out)?;
    for flight in &m.report.flights {
        for leg in &flight.legs {
            let known = |code: &str| if code.is_empty() { "?".to_owned() } else { code.to_owned() };
            let departs = leg.departs.map_or("time not known".to_owned(), |t| t.rfc3339(&leg.from));
            writeln!(
                out,
                "  flight {} {} to {}, departs {departs}",
                known(&flight.name()),
                known(&leg.from),
                known(&leg.to),
            )?;
        }
    }
    match m.kind {
        MessageType::Paxlst | MessageType::Pnrgov => writeln!(out, "  {}", counts_by_kind(m)),
        MessageType::Contrl => m.outcomes.iter().try_for_each(|o| writeln!(out, "  {}", o.text)),
        _ => m.outcomes.iter().try_for_each(|o| write_outcome(out, o)),
    }
}

/// What the message wants, in words.
fn function_words(m: &Understood) -> &'static str {
    match (&m.kind, m.function.as_str()) {
        (MessageType::Cusres, "962") => "a state's answer",
        (MessageType::Cusres, "132") => "a decision has changed",
        (MessageType::Cusres, "312") => "the carrier acknowledges a change",
        (MessageType::Cusres | MessageType::Ackres | MessageType::Contrl, _) => "an answer",
        (MessageType::Other(_), _) => "not known here",
        _ => match m.report.function {
            Function::Full if m.function.starts_with("250") => "crew list",
            Function::Full if m.kind == MessageType::Pnrgov => "full push",
            Function::Full => "full list",
            Function::Change => "changes",
            Function::Cancel => "the listed are cancelled",
            Function::CloseOnBoard => "flight closed, these are on board",
            Function::CloseNotOnBoard => "flight closed, these are not on board",
            Function::FlightCancelled => "flight cancelled",
            Function::GatePass => "gate passes",
        },
    }
}

/// `person K7XQ2M P0001: 1Z, do not board. NO BOARD`.
fn write_outcome(out: &mut impl Write, o: &Outcome) -> io::Result<()> {
    let about = if o.person { "person" } else { "the whole message" };
    let who = [about, &o.locator, &o.reference];
    let who: Vec<&str> = who.into_iter().filter(|w| !w.is_empty()).collect();
    let meaning = if o.meaning().is_empty() { "a code that is not known" } else { o.meaning() };
    let said = format!("  {}: {}, {meaning}. {}", who.join(" "), o.code, o.text);
    writeln!(out, "{}", said.trim_end())
}

fn counts_by_kind(m: &Understood) -> String {
    let of = |kind: Kind| m.report.travellers.iter().filter(|t| t.kind == kind).count();
    let kinds = [Kind::Passenger, Kind::Crew, Kind::Transit, Kind::Infant, Kind::Unnamed];
    let mut words: Vec<String> = kinds
        .into_iter()
        .filter(|k| of(*k) > 0)
        .map(|k| match k {
            Kind::Passenger | Kind::Infant => plural(of(k), k.name()),
            Kind::Crew => format!("{} crew", of(k)),
            Kind::Transit => format!("{} in transit", of(k)),
            Kind::Unnamed => format!("{} unnamed", of(k)),
            // Nobody reports one: that is done here, long after.
            Kind::Removed => String::new(),
        })
        .collect();
    if words.is_empty() {
        words.push("nobody listed".to_owned());
    }
    if !m.repeated.is_empty() {
        words.push(format!("named again {}", times(m.repeated.len())));
    }
    if !m.report.bookings.is_empty() {
        words.push(plural(m.report.bookings.len(), "booking"));
    }
    if m.report.dropped_sensitive > 0 {
        let dropped = plural(m.report.dropped_sensitive as usize, "sensitive element");
        words.push(format!("{dropped} left out"));
    }
    words.join(", ")
}

/// The segment or line around a span, and carets under the span; without the words at `hidden`.
fn excerpt(
    bytes: &[u8],
    span: edifact::Span,
    hidden: &[edifact::Span],
) -> Option<(String, String)> {
    let [before, at, behind] = match narrowed(bytes, span) {
        Some((text, span)) => {
            let hidden = messages::hidden(text.as_bytes(), messages::Format::Edifact);
            api::findings::around(text.as_bytes(), span, &hidden)?
        }
        None => api::findings::around(bytes, span, hidden)?,
    };
    let (indent, marked) = (before.chars().count(), at.chars().count());
    let carets = format!("{}{}", " ".repeat(indent), "^".repeat(marked.max(1)));
    Some((format!("{before}{at}{behind}"), carets))
}

/// Of a transmission in two bytes a character: the text around a span, and the span in it.
fn narrowed(bytes: &[u8], span: edifact::Span) -> Option<(String, edifact::Span)> {
    let little = match bytes {
        [0xff, 0xfe, ..] => true,
        [0xfe, 0xff, ..] => false,
        [a, 0, b, 0, ..] if *a > 0 && *b > 0 => true,
        [0, a, 0, b, ..] if *a > 0 && *b > 0 => false,
        _ => return None,
    };
    let of_pair = if little { u16::from_le_bytes } else { u16::from_be_bytes };
    let text = |from: usize, to: usize| {
        let units: Vec<u16> =
            bytes.get(from..to)?.as_chunks().0.iter().map(|pair| of_pair(*pair)).collect();
        Some(String::from_utf16_lossy(&units).replace('\u{feff}', ""))
    };
    let [start, end] = [span.start, span.end].map(|at| at & !1);
    let (first, last) = (start.saturating_sub(8 * SHOWN), (end + 8 * SHOWN).min(bytes.len()));
    let (before, at) = (text(first, start)?, text(start, end)?);
    let span = edifact::Span { start: before.len(), end: before.len() + at.len() };
    Some((before + &at + &text(end, last)?, span))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const LIST: &[u8] =
        b"UNB+UNOA:4+TK+GBR+260301:0900+1++APIS'UNH+1+PAXLST:D:05B:UN:IATA'BGM+745'\
        TDT+20+TK1980+++TK'LOC+125+IST'DTM+189:2603011130:201'LOC+87+LHR'DTM+232:2603011330:201'\
        NAD+FL+++YILMAZ:AYSE'ATT+2++F'DTM+329:880402'NAT+2+TUR'DOC+P+U123'DTM+36:300101'LOC+91+TUR'\
        CNT+42:1'UNT+99+1'UNZ+1+1'";

    fn reading(bytes: &[u8]) -> Reading {
        messages::read(bytes, Mode::Tolerant, jiff::civil::date(2026, 3, 1))
    }

    #[test]
    fn json_has_the_shape_that_outputs_fixes() {
        let mut out = Vec::new();
        write_json(&mut out, "a.edi", &reading(LIST)).unwrap();
        let json: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(json["severity"], "warning");
        let m = &json["messages"][0];
        assert_eq!(m["type"], "PAXLST");
        assert_eq!(m["release"], "D:05B");
        assert_eq!(m["function"], "745");
        assert_eq!(m["flights"][0]["departs"], "2026-03-01T11:30:00+03:00");
        assert_eq!(m["travellers"][0]["name"], "YILMAZ/AYSE");
        assert_eq!(m["travellers"][0]["birth_date"], "1988-04-02");
        assert_eq!(m["travellers"][0]["documents"], 1);
        assert_eq!(json["faults"][0]["code"], "29");
        assert_eq!(json["faults"][0]["found"], "99");
    }

    #[test]
    fn words_that_reveal_are_not_shown_around_a_fault() {
        let push = b"UNB+IATA:1+ZZ+GBR+260301:0900+1++PNRGOV'UNH+1+PNRGOV:13:1:IA'MSG+:22'ORG+ZZ'\
            TVL+010326:1130:010326:1330+IST+LHR+ZZ+77'EQN+1'SRC'RCI+ZZ:K7XQ2M'TIF+KAYA+CAN:A:1'\
            SSR+KSML:HK:1::::::NO P\xc4RK+::1'IFT+4:28+KOSH\xc9R'UNT+10+1'UNZ+1+1'";
        let table = b"surname;dob;meal\nKAYA;1988-13-02;KSML\n";
        for bytes in [&push[..], table] {
            let mut out = Vec::new();
            write_human(&mut out, "a", bytes, &reading(bytes)).unwrap();
            let text = String::from_utf8(out).unwrap();
            assert!(text.contains("^"), "{text}");
            for word in ["KSML", "RK+", "KOSH"] {
                assert!(!text.contains(word), "{text}");
            }
        }
    }

    #[test]
    fn json_lists_somebody_who_is_named_again_once() {
        let push = b"UNB+IATA:1+ZZ+GBR+260301:0900+1++PNRGOV'UNH+1+PNRGOV:13:1:IA'MSG+:22'ORG+ZZ'\
            TVL+010326:1130:010326:1330+IST+LHR+ZZ+77'EQN+1'SRC'RCI+ZZ:K7XQ2M'TIF+KAYA+CAN:A:1'\
            TVL+010326:1130:010326:1330+IST+LHR+ZZ+77'DAT'TRI++:::1'TIF+KAYA+CAN:A:1'\
            UNT+13+1'UNZ+1+1'";
        let mut out = Vec::new();
        write_json(&mut out, "a.edi", &reading(push)).unwrap();
        let json: serde_json::Value = serde_json::from_slice(&out).unwrap();
        let message = &json["messages"][0];
        assert_eq!(message["travellers"].as_array().unwrap().len(), 1);
        assert_eq!(message["named_again"], 1);
    }

    #[test]
    fn a_fault_is_underlined_in_its_segment() {
        let mut out = Vec::new();
        write_human(&mut out, "a.edi", LIST, &reading(LIST)).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("      | UNT+99+1'\n      |     ^^\n"), "{text}");
        assert!(
            text.contains("flight TK1980 IST to LHR, departs 2026-03-01T11:30:00+03:00"),
            "{text}"
        );
        assert!(text.contains("1 passenger\n"), "{text}");
    }

    #[test]
    fn a_fault_is_underlined_in_two_bytes_a_character() {
        let text = str::from_utf8(LIST).unwrap().replace("YILMAZ", "YILMAZ\u{11e}");
        let little = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let marked = format!("\u{feff}{text}");
        let all: [Vec<u8>; 4] = [little(&text), big(&text), little(&marked), big(&marked)];
        for bytes in all {
            let mut out = Vec::new();
            write_human(&mut out, "a.edi", &bytes, &reading(&bytes)).unwrap();
            let shown = String::from_utf8(out).unwrap();
            assert!(shown.contains("      | UNT+99+1'\n      |     ^^\n"), "{shown}");
        }
    }

    #[test]
    fn the_exit_code_is_that_of_the_worst() {
        assert_eq!(exit_code(&reading(LIST)), 1);
        assert_eq!(exit_code(&reading(b"")), 2);
        assert_eq!(exit_code(&reading(b"PK\x03\x04")), 2);
    }

    #[test]
    fn control_characters_never_reach_the_terminal() {
        let (line, _) =
            excerpt(b"UNT+\x1b[31m9+1'", edifact::Span { start: 4, end: 6 }, &[]).unwrap();
        assert!(!line.contains('\x1b'));
    }
}
