//! The report as one page that needs nothing else: tables, and plots drawn as SVG.

use std::{collections::BTreeMap, fmt::Write};

use crate::{Evaluation, PeerLine};

const STYLE: &str = "body{font:15px/1.45 system-ui,sans-serif;max-width:62rem;margin:2rem auto;\
padding:0 1rem;color:#1b1b1b;background:#fff}table{border-collapse:collapse;margin:.6rem 0 1.6rem}\
td,th{padding:.2rem .7rem;text-align:left;border-bottom:1px solid #ddd}td.n,th.n{text-align:right;\
font-variant-numeric:tabular-nums}.met{color:#14632a}.missed{color:#a4161a;font-weight:600}\
svg{display:block;margin:.6rem 0 1.6rem;max-width:100%;height:auto}td svg{margin:0;width:15rem}\
table{display:block;overflow-x:auto}text{font:12px system-ui,sans-serif;fill:#333}\
figure{margin:0}figcaption{color:#555;max-width:46rem}small{color:#555;display:block}\
.ours td{background:#eef4fb;font-weight:600}";

/// The page of an evaluation.
pub fn page(result: &Evaluation) -> String {
    let mut out = String::with_capacity(64 * 1024);
    out += "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">";
    out += "<meta name=\"viewport\" content=\"width=device-width\">";
    let _ = write!(out, "<title>Screening, measured</title><style>{STYLE}</style>");
    out += "<h1>Screening, measured</h1>";
    opening(result, &mut out);
    goals(result, &mut out);
    out += "<h2>Who is told from whom</h2>";
    scores(result, &mut out);
    out += "<h2>Beside others</h2>";
    beside(result, &mut out);
    out += "<h2>Name cultures</h2>";
    cultures(result, &mut out);
    out += "<h2>Nationalities</h2>";
    nationalities(result, &mut out);
    out += "<h2>Probabilities, and what came true of them</h2>";
    calibration(result, &mut out);
    out += "<h2>Every category</h2>";
    categories(result, &mut out);
    out += "</html>\n";
    out
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn opening(result: &Evaluation, out: &mut String) {
    let s = &result.summary;
    let _ = write!(
        out,
        "<p>{} innocent travellers were made up and screened against {} listed persons; {:.2} of a \
         thousand would be put before an officer (95 % interval {:.2} to {:.2}). Shares below are \
         taken at {:.2} nats, the lowest score that at most one of a thousand passengers of the \
         false-alert pairs reaches (where there are none, of the made-up travellers). Weights {}.</p>",
        s.travellers,
        s.persons,
        s.false_alerts_per_1000,
        s.false_alerts_low,
        s.false_alerts_high,
        s.threshold,
        escape(&s.weights)
    );
    if !s.missing.is_empty() {
        let _ = write!(out, "<p>Not there, and left out: {}.</p>", escape(&s.missing.join(", ")));
    }
}

fn goals(result: &Evaluation, out: &mut String) {
    out.push_str("<table><tr><th>goal<th class=n>measured<th class=n>wanted<th>");
    for goal in result.goals() {
        let (class, said) = match goal.met {
            Some(true) => ("met", "met"),
            Some(false) => ("missed", "missed"),
            None => ("", "not measured"),
        };
        let _ = write!(
            out,
            "<tr><td>{}<td class=n>{}<td class=n>{}<td class={class:?}>{said}",
            goal.name,
            goal.measured(),
            goal.wanted()
        );
    }
    out.push_str("</table>");
}

/// Shares of both populations by score.
fn scores(result: &Evaluation, out: &mut String) {
    const WIDTH: f64 = 800.0;
    const HEIGHT: f64 = 220.0;
    let x = |tenths: f64| ((tenths / 10.0 + 10.0) / 45.0).clamp(0.0, 1.0) * WIDTH;
    let _ = write!(
        out,
        "<figure><svg viewBox=\"0 0 {WIDTH} {}\" width={WIDTH} role=img \
         aria-label=\"scores of innocent travellers and of true pairs\">",
        HEIGHT + 24.0
    );
    for (population, colour) in
        [(&result.same_scores, "#1d5fa8"), (&result.innocent_scores, "#a4161a")]
    {
        let bins = by_nat(population);
        let most = bins.values().copied().max().unwrap_or(1) as f64;
        for (nats, count) in &bins {
            let height = *count as f64 / most * HEIGHT;
            let _ = write!(
                out,
                "<rect x={:.1} y={:.1} width={:.1} height={height:.1} fill={colour:?} \
                 fill-opacity=.5><title>{count} at {nats} nats</title></rect>",
                x(f64::from(*nats) * 10.0),
                HEIGHT - height,
                WIDTH / 45.0 - 1.0
            );
        }
    }
    let at = x(result.summary.threshold * 10.0);
    let _ = write!(
        out,
        "<line x1={at:.1} x2={at:.1} y1=0 y2={HEIGHT} stroke=#111 stroke-width=2 \
         stroke-dasharray=\"6 4\" /><text x={:.1} y=12 text-anchor=end>found, from {:.1} nats on</text>",
        at - 6.0,
        result.summary.threshold
    );
    for nats in (-10..=35).step_by(5) {
        let _ = write!(
            out,
            "<text x={:.1} y={}>{nats}</text>",
            x(f64::from(nats) * 10.0),
            HEIGHT + 16.0
        );
    }
    out.push_str(
        "</svg><figcaption>Best score of each innocent traveller (red, those noted at all) and of \
         each pair of the same person (blue), in nats, each population to its own scale. The \
         dashed line is the score from which on a pair counts as found.</figcaption></figure>",
    );
}

fn by_nat(tenths: &BTreeMap<i32, u64>) -> BTreeMap<i32, u64> {
    let mut bins = BTreeMap::new();
    for (score, count) in tenths {
        *bins.entry(score.div_euclid(10).clamp(-10, 34)).or_default() += count;
    }
    bins
}

fn beside(result: &Evaluation, out: &mut String) {
    let mut goals: Vec<&str> = result.peers.iter().map(|p| p.category.as_str()).collect();
    goals.sort_unstable();
    goals.dedup();
    let mut names: Vec<&str> = Vec::new();
    for peer in &result.peers {
        if !names.contains(&peer.peer.as_str()) {
            names.push(&peer.peer);
        }
    }
    out.push_str(
        "<p>Share of each goal's pairs that is found, each matcher at its own threshold: one false \
         alert of a thousand passengers of the false-alert pairs. Of near-miss negatives, fewer is \
         better.</p><table>",
    );
    for goal in goals {
        let of_goal = || result.peers.iter().filter(|p| p.category == goal);
        let _ = write!(
            out,
            "<tr><th>{goal}, n = {}<th class=n>share<th class=n>95 % interval<th>0 to 1",
            of_goal().next().map_or(0, |l| l.n)
        );
        for name in &names {
            of_goal().filter(|l| l.peer == *name).for_each(|l| matcher(l, *name == names[0], out));
        }
    }
    out.push_str("</table>");
}

/// A matcher at a goal: in figures, and as a dot with its interval.
fn matcher(line: &PeerLine, ours: bool, out: &mut String) {
    let (colour, class) = if ours { ("#1d5fa8", " class=ours") } else { ("#777", "") };
    let x = |share: f64| 6.0 + share * 228.0;
    let _ = write!(
        out,
        "<tr{class}><td>{}<td class=n>{:.3}<td class=n>{:.3} to {:.3}<td><svg viewBox=\"0 0 240 14\" \
         aria-hidden=true><line x1=6 x2=234 y1=7 y2=7 stroke=#e4e4e4 /><line x1={:.1} x2={:.1} y1=7 \
         y2=7 stroke={colour:?} stroke-width=3 /><circle cx={:.1} cy=7 r=4 fill={colour:?} /></svg>",
        escape(&line.peer),
        line.recall,
        line.low,
        line.high,
        x(line.low),
        x(line.high),
        x(line.recall)
    );
}

/// A dot and its interval for each culture.
fn cultures(result: &Evaluation, out: &mut String) {
    let lines = &result.cultures;
    let most = lines.iter().map(|l| l.high).fold(1.0, f64::max);
    let height = lines.len() as f64 * 18.0 + 24.0;
    let x = |rate: f64| 210.0 + rate / most * 560.0;
    let _ = write!(
        out,
        "<figure><svg viewBox=\"0 0 800 {height}\" width=800 role=img aria-label=\"false alerts by culture\">"
    );
    for (i, l) in lines.iter().enumerate() {
        let y = i as f64 * 18.0 + 14.0;
        let _ = write!(
            out,
            "<text x=0 y={:.1}>{}</text><line x1={:.1} x2={:.1} y1={y:.1} y2={y:.1} stroke=#777 />\
             <circle cx={:.1} cy={y:.1} r=4 fill=#1d5fa8><title>{:.2} of 1,000</title></circle>",
            y + 4.0,
            escape(&l.category),
            x(l.low),
            x(l.high),
            x(l.false_alerts_per_1000),
            l.false_alerts_per_1000
        );
    }
    let _ = write!(
        out,
        "</svg><figcaption>False alerts of a thousand innocent travellers by name culture, as the \
         bands are set, with 95 % intervals; 0 to {most:.1}. The worst ({}) over the middle \
         one: {:.1} ({:.1} to {:.1}). If all were banded at one score that one of a thousand \
         reaches, it would be {:.0}.</figcaption></figure>",
        escape(&result.summary.worst_culture),
        result.summary.worst_culture_ratio,
        result.summary.worst_culture_ratio_low,
        result.summary.worst_culture_ratio_high,
        result.summary.worst_culture_ratio_at_one_score
    );
}

fn nationalities(result: &Evaluation, out: &mut String) {
    out.push_str(
        "<details><summary>False alerts of a thousand innocent travellers by nationality, as \
         the bands are set</summary><table><tr><th>nationality<th class=n>travellers\
         <th class=n>of 1,000<th class=n>95 % interval",
    );
    for l in &result.nationalities {
        let _ = write!(
            out,
            "<tr><td>{}<td class=n>{}<td class=n>{:.2}<td class=n>{:.2} to {:.2}",
            escape(&l.category),
            l.n,
            l.false_alerts_per_1000,
            l.low,
            l.high
        );
    }
    out.push_str("</table></details>");
}

/// Each tenth of probabilities as a dot: right where it should be on the diagonal.
fn calibration(result: &Evaluation, out: &mut String) {
    const SIDE: f64 = 320.0;
    let (x, y) = (|p: f64| 40.0 + p * SIDE, |p: f64| 10.0 + (1.0 - p) * SIDE);
    let _ = write!(
        out,
        "<figure><svg viewBox=\"0 0 400 360\" width=400 role=img aria-label=\"reliability of \
         probabilities\"><rect x=40 y=10 width={SIDE} height={SIDE} fill=none stroke=#999 />\
         <line x1={} y1={} x2={} y2={} stroke=#999 stroke-dasharray=4 />",
        x(0.0),
        y(0.0),
        x(1.0),
        y(1.0)
    );
    for l in &result.calibration {
        let at = x(l.probability);
        let _ = write!(
            out,
            "<line x1={at:.1} x2={at:.1} y1={:.1} y2={:.1} stroke=#1d5fa8 />\
             <circle cx={at:.1} cy={:.1} r=4 fill=#1d5fa8><title>{} given {:.2}, {:.2} of them the \
             person</title></circle>",
            y(l.low),
            y(l.high),
            y(l.same),
            l.n,
            l.probability,
            l.same
        );
    }
    for tenth in [0.0, 0.5, 1.0] {
        let _ = write!(
            out,
            "<text x={} y=348>{tenth:.1}</text><text x=10 y={}>{tenth:.1}</text>",
            x(tenth) - 8.0,
            y(tenth) + 4.0
        );
    }
    out.push_str(
        "</svg><figcaption>The probability that hits were given (across) and the share of them \
         that is the person (up), with 95 % intervals, in traffic of which one in a thousand is \
         on the list: pairs of the half of the persons that nothing was tuned on, and the \
         innocent travellers. Where fewer are listed, every probability is too high by that \
         much.</figcaption>\
         </figure>",
    );
}

fn categories(result: &Evaluation, out: &mut String) {
    out.push_str(
        "<table><tr><th>set<th>category<th class=n>n<th class=n>share<th class=n>95 % interval\
         <th class=n>half tuned on<th class=n>other half",
    );
    let part = |p: Option<f64>| p.map_or("–".to_owned(), |p| format!("{p:.3}"));
    let other = |s: Option<crate::Share>| {
        s.map_or("–".to_owned(), |s| {
            format!("{:.3}<small>{:.3} to {:.3} of {}</small>", s.share, s.low, s.high, s.n)
        })
    };
    for l in &result.categories {
        let _ = write!(
            out,
            "<tr><td>{}<td>{}{}<td class=n>{}<td class=n>{:.3}<td class=n>{:.3} to {:.3}<td class=n>{}<td class=n>{}",
            l.set,
            escape(&l.category),
            if l.same { "" } else { " (different persons let through)" },
            l.n,
            l.recall,
            l.low,
            l.high,
            part(l.recall_tuned),
            other(l.held_out)
        );
    }
    out.push_str("</table>");
}
