//! What `bench world-day` found, for people: its stages, and the machine's limits beside them.

use std::fmt::Write;

use serde_json::Value;

/// Stages in the order in which a message goes through them.
const STAGES: [(&str, &str); 8] = [
    ("push", "the senders, processes of their own"),
    ("read", "bytes become messages"),
    ("admit", "messages become lists, and the answer"),
    ("keep", "lists and originals are sealed"),
    ("log", "the one writer: rows, events, checkpoints, commits"),
    ("screen", "lists are opened and compared; hits are sealed"),
    ("project", "lists are made searchable, when nothing else is to do"),
    ("other", "TLS, HTTP, waiting's own work; the start of the node"),
];

/// The report as a page of text.
pub fn of(report: &Value) -> String {
    let number = |name: &str| report[name].as_f64().unwrap_or(0.0);
    let cpu = |stage: &str| report["cpu_s"][stage].as_f64().unwrap_or(0.0);
    let (travellers, wall) = (number("travellers"), number("wall_s").max(1e-9));
    let total: f64 = STAGES.iter().map(|(stage, _)| cpu(stage)).sum();
    let mut out = String::new();
    let mut line = |text: String| {
        let _ = writeln!(out, "{text}");
    };
    line(format!(
        "{travellers} travellers, {} messages, {:.0} MB: {wall:.1} s ({:.0} travellers a second), \
         answered within {:.1} s",
        number("flights"),
        number("bytes") / 1e6,
        travellers / wall,
        number("pushed_s"),
    ));
    line(String::new());
    line("stage    CPU s   share  µs/traveller".to_owned());
    for (stage, words) in STAGES {
        let spent = cpu(stage);
        line(format!(
            "{stage:<7} {spent:>6.1}  {:>4.0} %  {:>12.2}  {words}",
            100.0 * spent / total.max(1e-9),
            1e6 * spent / travellers.max(1.0),
        ));
    }
    let cores = std::thread::available_parallelism().map_or(1.0, |n| n.get() as f64);
    line(format!(
        "total   {total:>6.1}  {:>4.0} % of {cores} cores for {wall:.1} s",
        100.0 * total / (wall * cores)
    ));
    line(String::new());
    line("the machine's own limit           MB    MB/s  seconds".to_owned());
    let limits = [
        ("sequential write, synced", "disk_bytes", "write_mb_s"),
        ("AES-256-GCM of what was sent", "bytes", "aes_mb_s"),
        ("zstd of what was sent", "bytes", "zstd_mb_s"),
    ];
    for (words, of, limit) in limits {
        let mb = number(of) / 1e6;
        let per_s = report["limits"][limit].as_f64().unwrap_or(0.0);
        line(format!("{words:<30} {mb:>5.0} {per_s:>7.0} {:>8.1}", mb / per_s.max(1e-9)));
    }
    line(String::new());
    let ms = |part: &str| report["answered_ms"][part].as_f64().unwrap_or(0.0);
    line(format!(
        "answered in {:.0} ms (half), {:.0} ms (99 of 100), {:.0} ms (all)",
        ms("p50"),
        ms("p99"),
        ms("max")
    ));
    line(format!(
        "memory of the node at most {:.0} MB; on the disk {:.0} bytes a traveller; {} hits, {} faults",
        number("peak_rss_bytes") / 1e6,
        number("disk_bytes") / travellers.max(1.0),
        number("hits"),
        number("faults")
    ));
    line(format!("lost {}, doubled {}", number("lost"), number("doubled")));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_stand_beside_what_the_machine_can_do() {
        let report = serde_json::json!({
            "travellers": 1000, "flights": 10, "bytes": 2_000_000, "wall_s": 2.0, "pushed_s": 1.0,
            "cpu_s": {"push": 0.1, "read": 0.1, "admit": 0.1, "keep": 0.1, "screen": 1.0, "log": 0.4, "other": 0.2},
            "disk_bytes": 4_000_000, "peak_rss_bytes": 1_000_000, "hits": 3, "faults": 2,
            "answered_ms": {"p50": 5.0, "p99": 9.0, "max": 11.0}, "lost": 0, "doubled": 0,
            "limits": {"write_mb_s": 1000.0, "aes_mb_s": 4000.0, "zstd_mb_s": 200.0},
        });
        let page = of(&report);
        assert!(page.contains("screen     1.0    50 %       1000.00"), "{page}");
        assert!(page.contains("zstd of what was sent              2     200      0.0"), "{page}");
    }
}
